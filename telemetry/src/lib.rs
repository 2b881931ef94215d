//! Events and metrics. Each crate has a file `events.rs` with a struct per event, which writes its log line and updates its
//! metrics, and with a table of the crate's metrics.

mod metric;
mod outage;

pub use metric::{Counter, Gauge, Histogram, Metric};
pub use outage::Outage;

/// Something that happened, to be logged and counted.
pub trait Event {
    /// Logs the event and updates its metrics.
    fn emit(&self);
}
