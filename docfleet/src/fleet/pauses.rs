//! How long to wait before what ended is started again.

use std::time::Duration;

/// Each further wait is twice the one before.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);
/// What lived this long is not failing to start: the wait begins at its shortest again. Whoever is killed now and then, by an
/// operator or for want of memory, is not punished for it.
const LIVED: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Pauses(Duration);

impl Pauses {
    pub fn new() -> Pauses {
        Pauses(FIRST)
    }

    /// After a life of `lived`.
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
