//! Puts missing wake-ups into Redis again.

use crate::duty::{Duty, Pace, Round};
use broker::Broker;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);

pub struct Reconcile {
    broker: Broker,
}

impl Reconcile {
    pub fn new(broker: Broker) -> Reconcile {
        Reconcile { broker }
    }
}

impl Duty for Reconcile {
    const NAME: &'static str = "reconcile";

    fn pace(&self) -> Pace {
        Pace::steady(EVERY)
    }

    async fn round(&mut self) -> broker::Result<Round> {
        let done = self.broker.reconcile().await?;
        Ok(Round { done, more: false })
    }
}
