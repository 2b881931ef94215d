//! What a fleet counts and measures. Each crate has its events in `events.rs`: a struct each, which writes its line of log
//! and counts itself, and a table of its metrics.

mod metric;
mod outage;

pub use metric::{Counter, Gauge, Histogram, Metric};
pub use outage::Outage;

/// Something that happened.
pub trait Event {
    /// Says it in the log, and counts it.
    fn emit(&self);
}
