use std::fmt::Display;

/// Whether a duty works, told when that changes and not with every round: an outage is one line, not thousands.
#[derive(Debug, Default)]
pub(crate) struct Condition {
    failing: bool,
}

impl Condition {
    pub(crate) fn note<T>(&mut self, duty: &'static str, outcome: &Result<T, impl Display>) {
        match (outcome, self.failing) {
            (Err(error), false) => tracing::warn!(duty, %error, "cannot be done now; it is tried again until it works"),
            (Ok(_), true) => tracing::info!(duty, "works again"),
            (Err(error), true) => tracing::debug!(duty, %error, "still cannot be done"),
            (Ok(_), false) => {}
        }
        self.failing = outcome.is_err();
    }
}
