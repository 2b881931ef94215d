use std::fmt::Display;
use telemetry::Outage;

/// Logs when a duty starts to fail and when it works again, not at every round: an outage is one warning, not thousands.
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
