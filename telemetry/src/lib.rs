//! What a fleet counts and measures. Each crate has its events in `events.rs`: a struct each, which writes its line of log
//! and counts itself, and a table of its metrics.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};

/// Something that happened.
pub trait Event {
    /// Says it in the log, and counts it.
    fn emit(&self);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only ever grows; its name ends in `_total`.
    Counter,
    Gauge,
    /// Its name ends in its unit: `_seconds` or `_bytes`.
    Histogram,
}

/// A metric as it is shown to Prometheus.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    /// Never an id: each value is a time series of its own.
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

impl Metric {
    pub const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
        Metric {
            name,
            kind: Kind::Counter,
            labels,
            help,
        }
    }

    pub const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
        Metric {
            kind: Kind::Gauge,
            ..Metric::counter(name, labels, help)
        }
    }

    pub const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
        Metric {
            kind: Kind::Histogram,
            ..Metric::counter(name, labels, help)
        }
    }

    /// Gives it its HELP line. What has no labels is shown from now on: a rate needs the zero that it began with.
    pub fn describe(&self) {
        let is_one_series = self.labels.is_empty();
        match self.kind {
            Kind::Counter => {
                describe_counter!(self.name, self.help);
                if is_one_series {
                    counter!(self.name).increment(0);
                }
            }
            Kind::Gauge => {
                describe_gauge!(self.name, self.help);
                if is_one_series {
                    gauge!(self.name).increment(0.0);
                }
            }
            Kind::Histogram => describe_histogram!(self.name, self.help),
        }
    }

    /// Whether the name is as Prometheus' conventions want it.
    pub fn is_well_named(&self) -> bool {
        let in_unit = self.name.ends_with("_seconds") || self.name.ends_with("_bytes");
        let ours = self.name.starts_with("docfleet_");
        ours && match self.kind {
            Kind::Counter => self.name.ends_with("_total"),
            Kind::Gauge => !self.name.ends_with("_total"),
            Kind::Histogram => in_unit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_count() {
        let counter = |name| Metric::counter(name, &[], "");
        let histogram = |name| Metric::histogram(name, &[], "");
        assert!(counter("docfleet_tasks_total").is_well_named());
        assert!(!counter("docfleet_tasks").is_well_named());
        assert!(!counter("tasks_total").is_well_named());
        assert!(histogram("docfleet_task_duration_seconds").is_well_named());
        assert!(!histogram("docfleet_task_duration_ms").is_well_named());
    }
}
