//! Backoff before a process is restarted.

use std::time::Duration;

/// Each further pause is twice as long.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);
/// A process that lived this long did not fail to start, so its backoff is reset. One that is killed now and then, by an
/// operator or for lack of memory, is restarted after the shortest pause.
const LIVED: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Pauses(Duration);

impl Pauses {
    pub fn new() -> Pauses {
        Pauses(FIRST)
    }

    /// The pause after the process lived for `lived`.
    pub fn after(&mut self, lived: Duration) -> Duration {
        let pause = if lived >= LIVED { FIRST } else { self.0 };
        self.0 = (pause * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_at_once_waits_ever_longer_and_what_lived_does_not() {
        let mut pauses = Pauses::new();
        let waits = [0, 0, 0, 9, 10, 0].map(|lived| pauses.after(Duration::from_secs(lived)).as_millis());
        assert_eq!(waits, [200, 400, 800, 1600, 200, 400]);
        let last = (0..20).map(|_| pauses.after(Duration::ZERO)).last();
        assert_eq!(last, Some(LONGEST));
    }
}
