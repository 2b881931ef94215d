//! How long a duty rests after each round.

use crate::duty::{Pace, Round};
use std::time::Duration;

/// Schedulers that do not lead do the duty this many times less often.
const FOLLOWERS: u32 = 10;
/// Rest after the first failure; doubled after each further one.
const AFTER_FAILURE: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) struct Rhythm {
    pace: Pace,
    rest: Duration,
    failures: u32,
}

impl Rhythm {
    pub(crate) fn new(pace: Pace) -> Rhythm {
        Rhythm {
            pace,
            rest: pace.busy,
            failures: 0,
        }
    }

    /// The rest after a round; `None`: the round failed. `full`: whether this scheduler does the duty at full pace.
    pub(crate) fn after(&mut self, round: Option<Round>, full: bool) -> Duration {
        let Some(round) = round else {
            // Not slowed down for followers: while a server is away it is unknown who leads.
            let rest = AFTER_FAILURE.saturating_mul(2_u32.saturating_pow(self.failures));
            self.failures += 1;
            return rest.min(self.pace.idle);
        };
        self.failures = 0;
        self.rest = match round {
            Round { more: true, .. } => Duration::ZERO,
            Round { done: 1.., .. } => self.pace.busy,
            _ => (self.rest * 2).clamp(self.pace.busy, self.pace.idle),
        };
        if full || self.rest.is_zero() {
            self.rest
        } else {
            self.pace.idle * FOLLOWERS
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Option<Round> = Some(Round { done: 0, more: false });
    const SOME: Option<Round> = Some(Round { done: 3, more: false });
    const FULL: Option<Round> = Some(Round { done: 100, more: true });

    fn rhythm() -> Rhythm {
        Rhythm::new(Pace {
            busy: Duration::from_millis(250),
            idle: Duration::from_secs(1),
        })
    }

    #[test]
    fn slows_down_when_there_is_nothing_and_wakes_up_when_there_is() {
        let mut rhythm = rhythm();
        let rests = [NOTHING, NOTHING, NOTHING, SOME, FULL, SOME].map(|r| rhythm.after(r, true).as_millis());
        assert_eq!(rests, [500, 1000, 1000, 250, 0, 250]);
    }

    #[test]
    fn failures_are_tried_again_soon_and_then_at_the_usual_pace() {
        let mut rhythm = rhythm();
        let rests = [None, None, None, None, SOME, None].map(|r| rhythm.after(r, false).as_millis());
        assert_eq!(rests, [250, 500, 1000, 1000, 10_000, 250]);
    }

    #[test]
    fn followers_take_their_time_but_finish_what_they_began() {
        let mut rhythm = rhythm();
        let rests = [NOTHING, SOME, FULL].map(|r| rhythm.after(r, false).as_millis());
        assert_eq!(rests, [10_000, 10_000, 0]);
    }
}
