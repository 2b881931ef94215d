//! Makes scheduled tasks ready when they are due.

use crate::duty::{By, Duty, Pace, Round};
use broker::Broker;
use std::time::Duration;

const MOST: u32 = 500;

pub struct Release {
    broker: Broker,
}

impl Release {
    pub fn new(broker: Broker) -> Release {
        Release { broker }
    }
}

impl Duty for Release {
    const NAME: &'static str = "release";
    const BY: By = By::All;

    fn pace(&self) -> Pace {
        Pace {
            busy: Duration::from_millis(250),
            idle: Duration::from_secs(1),
        }
    }

    async fn round(&mut self) -> broker::Result<Round> {
        let released = self.broker.release_due(MOST.into()).await?;
        Ok(Round::of(released as u64, MOST.into()))
    }
}
