use std::fmt::Display;
use telemetry::Outage;

/// Whether a duty works, told when that changes and not with every round: an outage is one line, not thousands.
#[derive(Debug, Default)]
pub(crate) struct Condition(Outage);

impl Condition {
    pub(crate) fn note<T>(&mut self, duty: &'static str, outcome: &Result<T, impl Display>) {
        match outcome {
            Err(error) if self.0.begins() => {
                tracing::warn!(duty, %error, "cannot be done now; it is tried again until it works");
            }
            Err(error) => tracing::debug!(duty, %error, "still cannot be done"),
            Ok(_) if self.0.ends() => tracing::info!(duty, "works again"),
            Ok(_) => {}
        }
    }
}
