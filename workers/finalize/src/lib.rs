//! The last stage of a document: makes the deliverables from its original file and what was read of it. They are a searchable
//! PDF, plain text, hOCR, the result as JSON, and a thumbnail of each page.

mod baseline;
mod deliver;
mod error;
mod fax;
mod font;
mod graft;
pub mod handler;
mod hocr;
mod jpeg;
mod layer;
pub mod maintenance;
mod pdf_file;
mod picture;
mod png;
mod repeats;
mod scan;
mod searchable;
mod thumbnails;

pub use deliver::{Artefacts, Options, finalize};
pub use hocr::hocr;
pub use searchable::{Made, searchable_pdf, searchable_pdf_reporting, searchable_pdf_within};
