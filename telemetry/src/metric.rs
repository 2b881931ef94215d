//! Each metric is declared once, with its labels, and only updated through that declaration, so its labels always agree.

use metrics::{Label, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use std::time::Duration;

/// A metric as Prometheus sees it.
pub trait Metric: Send + Sync {
    fn name(&self) -> &'static str;
    fn labels(&self) -> &[&'static str];
    fn help(&self) -> &'static str;
    /// Registers the metric's HELP line. A counter or gauge without labels is exposed as 0 from then on, so that `rate()` also
    /// counts the first increment.
    fn describe(&self);
    /// Whether the name follows the conventions of Prometheus.
    fn is_well_named(&self) -> bool;
}

/// A value that only grows. Its name ends in `_total`.
#[derive(Debug)]
pub struct Counter<const N: usize = 0>(Declaration<N>);

/// A value that goes up and down.
#[derive(Debug)]
pub struct Gauge<const N: usize = 0>(Declaration<N>);

/// A distribution of values. Its name ends in its unit: `_seconds` or `_bytes`.
#[derive(Debug)]
pub struct Histogram<const N: usize = 0>(Declaration<N>);

#[derive(Debug)]
struct Declaration<const N: usize> {
    name: &'static str,
    /// Never an id, because each label value makes a time series of its own.
    labels: [&'static str; N],
    help: &'static str,
}

impl<const N: usize> Declaration<N> {
    fn labelled(&self, values: [&str; N]) -> Vec<Label> {
        let labels = self.labels.into_iter().zip(values);
        labels
            .map(|(label, value)| Label::new(label, value.to_owned()))
            .collect()
    }
}

macro_rules! metric {
    ($kind:ident, $describe:ident, $shown_at_once:expr, $is_well_named:expr) => {
        impl<const N: usize> $kind<N> {
            pub const fn new(name: &'static str, labels: [&'static str; N], help: &'static str) -> Self {
                $kind(Declaration { name, labels, help })
            }
        }

        impl<const N: usize> Metric for $kind<N> {
            fn name(&self) -> &'static str {
                self.0.name
            }

            fn labels(&self) -> &[&'static str] {
                &self.0.labels
            }

            fn help(&self) -> &'static str {
                self.0.help
            }

            fn describe(&self) {
                $describe!(self.0.name, self.0.help);
                if N == 0 {
                    ($shown_at_once)(self.0.name);
                }
            }

            fn is_well_named(&self) -> bool {
                self.0.name.starts_with("docfleet_") && ($is_well_named)(self.0.name)
            }
        }
    };
}

metric!(
    Counter,
    describe_counter,
    |name: &'static str| counter!(name).increment(0),
    |name: &str| name.ends_with("_total")
);
metric!(
    Gauge,
    describe_gauge,
    |name: &'static str| gauge!(name).increment(0.0),
    |name: &str| !name.ends_with("_total")
);
metric!(Histogram, describe_histogram, |_| {}, |name: &str| name
    .ends_with("_seconds")
    || name.ends_with("_bytes"));

impl<const N: usize> Counter<N> {
    pub fn add(&self, values: [&str; N], count: u64) {
        counter!(self.0.name, self.0.labelled(values)).increment(count);
    }
}

impl<const N: usize> Gauge<N> {
    pub fn set(&self, values: [&str; N], value: f64) {
        gauge!(self.0.name, self.0.labelled(values)).set(value);
    }

    /// Adds `value`, which may be negative.
    pub fn add(&self, values: [&str; N], value: f64) {
        gauge!(self.0.name, self.0.labelled(values)).increment(value);
    }
}

impl<const N: usize> Histogram<N> {
    pub fn record(&self, values: [&str; N], value: f64) {
        histogram!(self.0.name, self.0.labelled(values)).record(value);
    }

    pub fn record_time(&self, values: [&str; N], time: Duration) {
        self.record(values, time.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_count() {
        let counter = |name| Counter::new(name, [], "").is_well_named();
        let histogram = |name| Histogram::new(name, [], "").is_well_named();
        assert!(counter("docfleet_tasks_total"));
        assert!(!counter("docfleet_tasks"));
        assert!(!counter("tasks_total"));
        assert!(histogram("docfleet_task_duration_seconds"));
        assert!(!histogram("docfleet_task_duration_ms"));
    }
}
