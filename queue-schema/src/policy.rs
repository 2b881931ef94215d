//! Limits and budgets of a task. They are stored in the task's row when it is enqueued, so a change of settings never affects
//! a running task.

use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Time after which the child process is asked to stop.
    #[serde(rename = "soft_ms", with = "millis")]
    pub soft: Duration,
    /// Time after which the child's process group is killed.
    #[serde(rename = "hard_ms", with = "millis")]
    pub hard: Duration,
    /// Longest time without progress, after which the process group is killed.
    #[serde(rename = "stall_ms", with = "millis")]
    pub stall: Duration,
    /// Resident memory of the child's group, in KiB, at which the child is replaced after its task.
    pub recycle_kib: u64,
    /// Resident memory of the child's group, in KiB, at which the group is killed at once.
    pub kill_kib: u64,
    pub tasks_per_child: u32,
    /// How many runs may be started; those handed back do not count.
    pub max_attempts: u32,
    /// How many runs may end in a crash, out of memory, or with their worker lost.
    pub max_crashes: u32,
    /// How many runs may exceed a time limit.
    pub max_timeouts: u32,
    /// Delay before the second run; doubled for each further one.
    #[serde(rename = "backoff_ms", with = "millis")]
    pub backoff: Duration,
    #[serde(rename = "backoff_max_ms", with = "millis")]
    pub backoff_max: Duration,
    /// Concurrent tasks in one worker process, before the limit by the number of cores.
    pub slots: u32,
}

impl Policy {
    /// The defaults of the table of queues.
    pub(crate) const BASE: Policy = Policy {
        soft: Duration::from_secs(50),
        hard: Duration::from_secs(60),
        stall: Duration::from_secs(60),
        recycle_kib: 256 * 1024,
        kill_kib: 1024 * 1024,
        tasks_per_child: 500,
        max_attempts: 8,
        max_crashes: 3,
        max_timeouts: 2,
        backoff: Duration::from_secs(1),
        backoff_max: Duration::from_secs(300),
        slots: 16,
    };

    /// Allows nothing: for a task whose stored policy cannot be parsed.
    pub const NONE: Policy = Policy {
        max_attempts: 0,
        max_crashes: 0,
        max_timeouts: 0,
        ..Policy::BASE
    };

    /// Backoff before run `attempt + 1`: exponential, capped, then scaled by `jitter` in `[0, 1)` to between half and all of
    /// itself ("equal jitter"), so that tasks that failed together are not retried together.
    pub fn delay_after(&self, attempt: u32, jitter: f64) -> Duration {
        let doubled = self.backoff.saturating_mul(1 << attempt.saturating_sub(1).min(20));
        doubled
            .min(self.backoff_max)
            .mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }
}

mod millis {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub fn serialize<S: Serializer>(duration: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        u64::deserialize(d).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_and_stays_within_its_cap() {
        let policy = Policy::BASE;
        assert_eq!(policy.delay_after(1, 1.0), Duration::from_secs(1));
        assert_eq!(policy.delay_after(3, 1.0), Duration::from_secs(4));
        assert_eq!(policy.delay_after(3, 0.0), Duration::from_secs(2));
        assert_eq!(policy.delay_after(4_000_000, 1.0), policy.backoff_max);
    }
}
