//! The whole fleet, started as an operator starts it: real servers, real workers, real documents.

mod hostile;
mod kills;
mod overtaking;
mod sample_documents;
mod scan;
mod stopping;
mod support;
mod training;
