//! Ends the process when a duty is overdue, so that the process supervisor restarts it. A scheduler that hangs is worse than
//! none, because it stays leader. The watchdog has a thread of its own, so a stuck runtime cannot block it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Longer than any round can take, including the time-outs of the connection pool.
const LONGEST_ROUND: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_secs(1);
/// Exit status of a process that hung.
const WEDGED: i32 = 75;

/// The deadline by which a duty must report again.
#[derive(Debug, Clone)]
pub(crate) struct Pulse {
    name: &'static str,
    by: Arc<Mutex<Instant>>,
}

impl Pulse {
    fn new(name: &'static str) -> Pulse {
        Pulse {
            name,
            by: Arc::new(Mutex::new(Instant::now() + LONGEST_ROUND)),
        }
    }

    pub(crate) fn working(&self) {
        self.resting(Duration::ZERO);
    }

    pub(crate) fn resting(&self, rest: Duration) {
        *self.by.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + rest + LONGEST_ROUND;
    }

    fn is_overdue(&self, now: Instant) -> bool {
        now > *self.by.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    pulses: Vec<Pulse>,
}

impl Watchdog {
    pub(crate) fn pulse(&mut self, name: &'static str) -> Pulse {
        let pulse = Pulse::new(name);
        self.pulses.push(pulse.clone());
        pulse
    }

    fn overdue(&self, now: Instant) -> Option<&'static str> {
        self.pulses
            .iter()
            .find(|pulse| pulse.is_overdue(now))
            .map(|pulse| pulse.name)
    }

    /// Checks the deadlines until `stop`.
    pub(crate) fn watch(self, stop: CancellationToken) {
        std::thread::spawn(move || {
            while !stop.is_cancelled() {
                if let Some(duty) = self.overdue(Instant::now()) {
                    tracing::error!(duty, "hangs; this process ends, so that another takes over");
                    std::process::exit(WEDGED);
                }
                std::thread::sleep(LOOK);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_overdue_is_named() {
        let mut watchdog = Watchdog::default();
        let (hangs, rests) = (watchdog.pulse("hangs"), watchdog.pulse("rests"));
        hangs.working();
        rests.resting(Duration::from_secs(3600));
        let now = Instant::now();
        assert_eq!(watchdog.overdue(now), None);
        assert_eq!(watchdog.overdue(now + LONGEST_ROUND * 2), Some("hangs"));
        hangs.resting(Duration::from_secs(3600));
        assert_eq!(watchdog.overdue(now + LONGEST_ROUND * 2), None);
    }
}
