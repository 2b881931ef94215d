//! The table of schedules: tasks that come by the clock.

use crate::payload::SweepStorage;
use crate::{Payload, Queue};
use serde_json::Value;
use std::time::Duration;

/// A task that is enqueued whenever its cron pattern says so.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Stable: its last firing is stored under it.
    pub name: &'static str,
    /// Five fields (minute, hour, day of month, month, day of week), or six with seconds before them.
    pub cron: &'static str,
    pub misfire: Misfire,
    pub queue: Queue,
    pub kind: &'static str,
    /// The payload; `None` where it cannot be written as JSON.
    pub payload: fn() -> Option<Value>,
}

/// What becomes of firings that were missed: because no scheduler ran, or the clock was put forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfire {
    /// They are dropped. For what is worthless when it comes late.
    Skip,
    /// The latest is made up for. For what catches up with all that was missed at once.
    Once,
    /// The latest so many are made up for, oldest first. For what does one period's work each.
    All { most: usize },
}

/// A firing this late is still in time, and one that is later was missed: a scheduler looks every second, and may be busy or
/// restarted.
pub const IN_TIME: Duration = Duration::from_secs(60);

/// Nightly hours, in the zone of the setting TIME_ZONE; odd minutes, because the full hour is everybody's.
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
