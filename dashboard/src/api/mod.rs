//! The API's handlers, one file per kind of resource.

pub mod audit;
pub mod bulk;
pub mod events;
pub mod keys;
pub mod queues;
pub mod schedules;
pub mod service;
pub mod tasks;
pub mod workers;

mod params;

pub use params::{AuditListing, DeadListing, Id, Name, TaskListing, given};
