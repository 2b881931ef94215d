//! Throttles clients that show wrong keys: the first few failures cost nothing, then the wait doubles. Kept in memory, so a
//! restart resets it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Failures without a wait, for typing errors.
const FREE: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// After this long without a failure, an address's failures are forgotten.
const FORGET: Duration = Duration::from_secs(900);
/// Most addresses to remember, to bound the memory.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub struct Throttle {
    failures: HashMap<IpAddr, Failures>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    fn until(self) -> Option<Instant> {
        let beyond = self.count.checked_sub(FREE)?;
        Some(self.last + FIRST_WAIT.saturating_mul(1 << beyond.min(16)).min(LONGEST_WAIT))
    }
}

impl Throttle {
    /// How long `peer` has to wait before it may try again with a wrong key.
    pub fn wait(&self, peer: IpAddr) -> Option<Duration> {
        let until = self.failures.get(&peer)?.until()?;
        until
            .checked_duration_since(Instant::now())
            .filter(|wait| !wait.is_zero())
    }

    pub fn failed(&mut self, peer: IpAddr) {
        let now = Instant::now();
        let is_recent = |failures: &Failures| now.duration_since(failures.last) < FORGET;
        if self.failures.len() >= MOST {
            self.failures.retain(|_, failures| is_recent(failures));
        }
        if self.failures.len() >= MOST {
            self.failures.clear();
        }
        let before = self.failures.get(&peer).copied().filter(is_recent);
        let count = before.map_or(0, |failures| failures.count) + 1;
        self.failures.insert(peer, Failures { count, last: now });
    }

    pub fn passed(&mut self, peer: IpAddr) {
        self.failures.remove(&peer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_few_errors_are_free_then_waits_double_to_a_limit() {
        let mut throttle = Throttle::default();
        let mut waits = Vec::new();
        for _ in 0..30 {
            throttle.failed(HERE);
            let wait = throttle.wait(HERE).unwrap_or_default();
            waits.push(wait.as_secs_f64().ceil() as u64);
        }
        assert_eq!(waits[..8], [0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(waits[29], LONGEST_WAIT.as_secs());
    }

    #[test]
    fn only_who_guesses_waits() {
        let mut throttle = Throttle::default();
        for _ in 0..10 {
            throttle.failed(HERE);
        }
        assert!(throttle.wait(HERE).is_some());
        assert!(throttle.wait(IpAddr::from([192, 0, 2, 1])).is_none());
    }

    #[test]
    fn a_right_key_ends_the_wait() {
        let mut throttle = Throttle::default();
        for _ in 0..10 {
            throttle.failed(HERE);
        }
        throttle.passed(HERE);
        assert!(throttle.wait(HERE).is_none());
    }
}
