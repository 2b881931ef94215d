//! How long a duty rests after each round.

use crate::duty::{Pace, Round};
use std::time::Duration;

/// Those who don't lead do the same, but this many times slower.
const FOLLOWERS: u32 = 10;
/// The longest rest between tries while a server is away.
const LONGEST_AFTER_FAILURE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Rhythm {
    pace: Pace,
    rest: Duration,
}

impl Rhythm {
    pub(crate) fn new(pace: Pace) -> Rhythm {
        Rhythm { pace, rest: pace.busy }
    }

    /// `None`: the round failed.
    pub(crate) fn after(&mut self, round: Option<Round>, leads: bool) -> Duration {
        self.rest = match round {
            Some(Round { more: true, .. }) => Duration::ZERO,
            Some(Round { done: 1.., .. }) => self.pace.busy,
            Some(_) => (self.rest * 2).clamp(self.pace.busy, self.pace.idle),
            None => (self.rest * 2).clamp(self.pace.busy, self.pace.idle.max(LONGEST_AFTER_FAILURE)),
        };
        if leads || self.rest.is_zero() {
            self.rest
        } else {
            self.pace.idle.max(self.rest) * FOLLOWERS
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
    fn failures_are_tried_again_within_seconds() {
        let mut rhythm = rhythm();
        let rests = [None, None, None, None, None, NOTHING].map(|r| rhythm.after(r, true).as_millis());
        assert_eq!(rests, [500, 1000, 2000, 4000, 5000, 1000]);
    }

    #[test]
    fn followers_take_their_time_but_finish_what_they_began() {
        let mut rhythm = rhythm();
        let rests = [NOTHING, SOME, FULL].map(|r| rhythm.after(r, false).as_millis());
        assert_eq!(rests, [10_000, 10_000, 0]);
    }
}
