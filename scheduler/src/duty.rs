use std::time::Duration;

/// A periodic job of the scheduler.
pub trait Duty: Send + 'static {
    /// The duty's name in metrics and logs.
    const NAME: &'static str;
    /// Which schedulers do it at full pace. The others do it more slowly, in case the leader hangs.
    const BY: By = By::Leader;

    fn pace(&self) -> Pace;

    /// Does the pending work, or a bounded part of it. May be cancelled at any `await`.
    fn round(&mut self) -> impl Future<Output = broker::Result<Round>> + Send;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The leader only: for duties that are expensive for Postgres.
    Leader,
    /// All schedulers: for duties that must not wait for a new leader, and that cost next to nothing when there is nothing to
    /// do.
    All,
}

/// How long to rest between rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Rest after a round that found something to do.
    pub busy: Duration,
    /// Rest after many rounds that found nothing.
    pub idle: Duration,
}

impl Pace {
    pub const fn steady(every: Duration) -> Pace {
        Pace {
            busy: every,
            idle: every,
        }
    }
}

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// How many tasks (or rows, or wake-ups) were processed.
    pub done: u64,
    /// Whether the round reached its bound, so that the next one starts at once.
    pub more: bool,
}

impl Round {
    /// A round that processes at most `most`.
    pub fn of(done: u64, most: u64) -> Round {
        Round {
            done,
            more: done >= most,
        }
    }
}
