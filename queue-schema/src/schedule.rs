//! The table of schedules: tasks that are enqueued periodically.

use crate::payload::SweepStorage;
use crate::{Payload, Queue};
use serde_json::Value;
use std::time::Duration;

/// A task that is enqueued at the times of a cron pattern.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Must stay stable, because the last firing is stored under it.
    pub name: &'static str,
    /// Five fields (minute, hour, day of month, month, day of week), or six with seconds before them.
    pub cron: &'static str,
    pub misfire: Misfire,
    pub queue: Queue,
    pub kind: &'static str,
    /// The payload; `None` if it cannot be serialized to JSON.
    pub payload: fn() -> Option<Value>,
}

/// What happens to missed firings. Firings are missed when no scheduler ran or when the clock was set forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfire {
    /// Drops missed firings. For tasks that are worthless when late.
    Skip,
    /// Makes up for the latest firing only. For tasks of which one run catches up on everything.
    Once,
    /// Makes up for the latest `most` firings, oldest first. For tasks of which each run does one period's work.
    All { most: usize },
}

/// How late a firing may be and still count as on time; a later one counts as missed. A scheduler checks every second, but may
/// be busy or restarting.
pub const IN_TIME: Duration = Duration::from_secs(60);

/// Times are at night, in the time zone of the setting TIME_ZONE, and not on the hour, when many other systems run their jobs.
pub const ALL: &[Schedule] = &[of::<SweepStorage>("sweep_storage", "17 3 * * *", Misfire::Once, || {
    serde_json::to_value(SweepStorage {}).ok()
})];

const fn of<P: Payload>(
    name: &'static str,
    cron: &'static str,
    misfire: Misfire,
    payload: fn() -> Option<Value>,
) -> Schedule {
    Schedule {
        name,
        cron,
        misfire,
        queue: P::QUEUE,
        kind: P::KIND,
        payload,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_schedule_has_a_name_of_its_own_and_a_payload() {
        let names: std::collections::HashSet<_> = super::ALL.iter().map(|s| s.name).collect();
        assert_eq!(names.len(), super::ALL.len());
        assert!(super::ALL.iter().all(|s| (s.payload)().is_some()));
    }
}
