//! The API's handlers, one file per kind of resource.

pub mod bulk;
pub mod correct;
pub mod documents;
pub mod download;
pub mod events;
pub mod files;
pub mod pages;
pub mod result;
pub mod service;
pub mod watch;

mod archive;
mod cursor;
mod finished;
mod on_demand;
pub mod params;
mod range;
mod send;

pub use params::{DocumentId, Listing, bool_of};
pub use web::Params;
