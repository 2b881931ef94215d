//! Takes back the tasks of workers that are gone.

use crate::duty::{By, Duty, Pace, Round};
use broker::Broker;
use std::time::Duration;

const MOST: u32 = 100;
/// Shortest interval, however short the lease is.
const SHORTEST: Duration = Duration::from_millis(250);

pub struct Reap {
    broker: Broker,
}

impl Reap {
    pub fn new(broker: Broker) -> Reap {
        Reap { broker }
    }
}

impl Duty for Reap {
    const NAME: &'static str = "reap";
    const BY: By = By::All;

    /// Four rounds per lease: an expired lease is found after at most another quarter of the lease.
    fn pace(&self) -> Pace {
        Pace::steady((self.broker.lease() / 4).max(SHORTEST))
    }

    async fn round(&mut self) -> broker::Result<Round> {
        let reaped = self.broker.reap(MOST.into()).await?;
        Ok(Round::of(reaped as u64, MOST.into()))
    }
}
