//! The whole fleet, started as an operator starts it: real servers, real workers, real documents.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where it is surprised, its helpers too"
)]

mod accounts;
mod documents_page;
mod generated_client;
mod hostile;
mod kills;
mod overtaking;
mod page_images;
mod sample_documents;
mod scan;
mod settings;
mod stopping;
mod support;
mod telling;
mod training;
