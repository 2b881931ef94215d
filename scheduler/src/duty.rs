use std::time::Duration;

/// Something that has to be done over and over.
pub trait Duty: Send + 'static {
    /// As metrics and logs call it.
    const NAME: &'static str;
    /// Who does it at its full pace. Others are there for a leader that hangs.
    const BY: By = By::Leader;

    fn pace(&self) -> Pace;

    /// Does what there is to do now, or a bounded part of it. May be dropped half-way.
    fn round(&mut self) -> impl Future<Output = broker::Result<Round>> + Send;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// What costs Postgres something.
    Leader,
    /// What must not wait for a new leader, and costs next to nothing where there is nothing to do.
    All,
}

/// How long to rest between rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// After a round that found something to do.
    pub busy: Duration,
    /// After many that found nothing.
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
    /// Tasks (rows, wake-ups) that were moved.
    pub done: u64,
    /// The bound was met: the next round comes at once.
    pub more: bool,
}

impl Round {
    /// A round that moves at most `most`.
    pub fn of(done: u64, most: u64) -> Round {
        Round {
            done,
            more: done >= most,
        }
    }
}
