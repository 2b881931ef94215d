//! When schedules fire next, and whether one was missed.

use anyhow::Context;
use broker::Broker;
use broker::inspect::ScheduleRow;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use queue_schema::schedule::{self, IN_TIME, Schedule};
use serde::Serialize;
use settings::{Settings, TIME_ZONE};
use utoipa::ToSchema;
use uuid::Uuid;

/// The schedules with their parsed cron patterns.
pub struct Calendar {
    zone: Tz,
    schedules: Vec<(&'static Schedule, Cron)>,
}

/// A schedule at this moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Schedule)]
pub struct ScheduleNow {
    pub name: String,
    #[schema(example = "17 3 * * *")]
    pub cron: String,
    pub time_zone: String,
    pub queue: String,
    pub kind: String,
    pub enabled: bool,
    /// No scheduler has looked at it yet.
    pub seen: bool,
    pub next_fire: Option<DateTime<Utc>>,
    /// The last firing that enqueued a task.
    pub last_fire: Option<DateTime<Utc>>,
    pub last_task: Option<Uuid>,
    pub last_task_state: Option<String>,
    /// A firing whose time has passed without a task.
    pub missed: Option<DateTime<Utc>>,
}

impl Calendar {
    pub fn new(settings: &Settings) -> anyhow::Result<Calendar> {
        let zone = settings.get(TIME_ZONE);
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let schedules = schedule::ALL.iter().map(|schedule| {
            let cron = parser.parse(schedule.cron);
            Ok((
                schedule,
                cron.with_context(|| format!("schedule {} has the pattern {:?}", schedule.name, schedule.cron))?,
            ))
        });
        Ok(Calendar {
            zone: zone.parse().with_context(|| {
                format!("setting TIME_ZONE={zone:?} names no time zone; give UTC, or one such as Europe/Berlin")
            })?,
            schedules: schedules.collect::<anyhow::Result<_>>()?,
        })
    }

    pub fn find(&self, name: &str) -> Option<&'static Schedule> {
        let found = self.schedules.iter().find(|(schedule, _)| schedule.name == name);
        found.map(|(schedule, _)| *schedule)
    }

    pub async fn now(&self, broker: &Broker) -> broker::Result<Vec<ScheduleNow>> {
        let rows = broker.schedules().await?;
        let now = |(schedule, cron): &(&'static Schedule, Cron)| {
            self.one(schedule, cron, rows.iter().find(|row| row.name == schedule.name))
        };
        Ok(self.schedules.iter().map(now).collect())
    }

    fn one(&self, schedule: &Schedule, cron: &Cron, row: Option<&ScheduleRow>) -> ScheduleNow {
        let now = row.map_or_else(Utc::now, |row| row.now).with_timezone(&self.zone);
        let utc = |at: DateTime<Tz>| at.with_timezone(&Utc);
        let previous = cron.find_previous_occurrence(&now, true).ok().map(utc);
        let missed = row
            .filter(|row| row.enabled)
            .and_then(|row| previous.filter(|at| *at > row.last_fire && *at + IN_TIME < row.now));
        ScheduleNow {
            name: schedule.name.to_owned(),
            cron: schedule.cron.to_owned(),
            time_zone: self.zone.name().to_owned(),
            queue: schedule.queue.to_string(),
            kind: schedule.kind.to_owned(),
            enabled: row.is_none_or(|row| row.enabled),
            seen: row.is_some(),
            next_fire: cron.find_next_occurrence(&now, false).ok().map(utc),
            last_fire: row.and_then(|row| row.fire_at),
            last_task: row.and_then(|row| row.task),
            last_task_state: row.and_then(|row| row.task_state.clone()),
            missed,
        }
    }
}
