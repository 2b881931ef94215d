//! Schedules: tasks that are enqueued periodically.

use crate::duty::{Duty, Pace, Round};
use crate::events::ScheduleFired;
use crate::misfire::due;
use anyhow::Context;
use broker::{Broker, NewTask};
use chrono::TimeDelta;
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use queue_schema::schedule::Schedule;
use settings::{Settings, TIME_ZONE};
use std::time::Duration;
use telemetry::Event;

/// Cron patterns may contain seconds.
const EVERY: Duration = Duration::from_secs(1);
/// If the last firing is this far in the future, the clock was wrong at that time.
const CLOCK_WAS_WRONG: TimeDelta = TimeDelta::hours(1);

/// Enqueues the tasks of schedules. Each firing enqueues one task, however many schedulers run.
pub struct Fire {
    broker: Broker,
    zone: Tz,
    schedules: Vec<(Schedule, Cron)>,
}

impl Fire {
    /// # Errors
    /// For an invalid TIME_ZONE or an invalid pattern.
    pub fn new(broker: Broker, settings: &Settings, schedules: &[Schedule]) -> anyhow::Result<Fire> {
        let zone = settings.get(TIME_ZONE);
        let zone = zone.parse().with_context(|| {
            format!("setting TIME_ZONE={zone:?} names no time zone; give UTC, or one such as Europe/Berlin")
        })?;
        schedules
            .iter()
            .for_each(|schedule| ScheduleFired::never(schedule.name));
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let schedules = schedules.iter().map(|schedule| {
            let cron = parser.parse(schedule.cron);
            let cron =
                cron.with_context(|| format!("schedule {} has the pattern {:?}", schedule.name, schedule.cron))?;
            Ok((*schedule, cron))
        });
        Ok(Fire {
            broker,
            zone,
            schedules: schedules.collect::<anyhow::Result<_>>()?,
        })
    }

    async fn fire(&self, schedule: &Schedule, cron: &Cron) -> broker::Result<u64> {
        let last = self.broker.last_fire(schedule.name).await?;
        if last.at > last.now + CLOCK_WAS_WRONG {
            tracing::warn!(schedule = schedule.name, last = %last.at, "fired in the future: the clock was wrong then");
            self.broker.reset_fire(schedule.name, last.now).await?;
            return Ok(0);
        }
        let due = due(cron, self.zone, schedule.misfire, last.at, last.now).map_err(broker::Error::other)?;
        if !last.enabled {
            // A schedule that is switched on again does not make up for the firings while it was off.
            if !due.is_empty() {
                self.broker.reset_fire(schedule.name, last.now).await?;
            }
            return Ok(0);
        }
        let mut fired = 0;
        for at in due {
            let payload = (schedule.payload)().ok_or_else(|| broker::Error::other("a schedule has no payload"))?;
            let key = format!("schedule:{}:{}", schedule.name, at.timestamp());
            let task = NewTask::of_kind(schedule.queue, schedule.kind, payload).unique(key);
            if self.broker.fire(schedule.name, at, task).await? {
                ScheduleFired {
                    schedule: schedule.name,
                    at,
                }
                .emit();
                fired += 1;
            }
        }
        Ok(fired)
    }
}

impl Duty for Fire {
    const NAME: &'static str = "fire";

    fn pace(&self) -> Pace {
        Pace::steady(EVERY)
    }

    async fn round(&mut self) -> broker::Result<Round> {
        let mut done = 0;
        for (schedule, cron) in &self.schedules {
            done += self.fire(schedule, cron).await?;
        }
        Ok(Round { done, more: false })
    }
}
