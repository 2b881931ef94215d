//! Removes old rows: ended tasks that belong to no document, past firings of schedules, and workers silent for a day.

use crate::duty::{Duty, Pace, Round};
use broker::Broker;
use settings::{RETENTION_DAYS, Settings};
use std::time::Duration;

/// Rarely, because each round scans also the old tasks of documents that are kept.
const EVERY: Duration = Duration::from_secs(3600);
const MOST: u32 = 1000;

pub struct Retention {
    broker: Broker,
    days: u32,
}

impl Retention {
    pub fn new(broker: Broker, settings: &Settings) -> Retention {
        let days = u32::try_from(settings.get(RETENTION_DAYS)).unwrap_or(u32::MAX);
        Retention { broker, days }
    }
}

impl Duty for Retention {
    const NAME: &'static str = "retention";

    fn pace(&self) -> Pace {
        Pace::steady(EVERY)
    }

    async fn round(&mut self) -> broker::Result<Round> {
        let tasks = self.broker.forget_ended(self.days, MOST.into()).await?;
        let fires = self.broker.forget_fires(self.days).await?;
        let workers = self.broker.forget_silent().await?;
        Ok(Round {
            done: tasks + fires + workers,
            more: tasks >= MOST.into(),
        })
    }
}
