//! The fields of each kind of document.

pub mod contract;
pub mod invoice;
pub mod receipt;
