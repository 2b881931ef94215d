//! What each kind of document has.

pub mod contract;
pub mod invoice;
pub mod receipt;
