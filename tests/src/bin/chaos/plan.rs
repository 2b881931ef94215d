//! The fault schedule: a pure function of the seed and the length.

use models::rng::SplitMix64;
use std::fmt;
use std::time::Duration;

/// What a fault may hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Victim {
    /// A worker's supervisor.
    Worker,
    /// The process in which a worker runs a task.
    Child,
    Gateway,
    Scheduler,
    Redis,
    Postgres,
    /// A server process of one connection to Postgres.
    Backend,
    /// The process of `docfleet up` that starts all others.
    Keeper,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL
    Kill(Victim),
    /// SIGSTOP, and SIGCONT after this time.
    Stop(Victim, Duration),
    /// SIGTERM to a worker: it finishes what it runs, and is started again.
    Drain,
    /// FLUSHALL
    Flush,
    /// CLIENT PAUSE
    PauseRedis(Duration),
}

/// A fault and its time. `pick` chooses among the victims that exist at that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike {
    pub at: Duration,
    pub fault: Fault,
    pub pick: u64,
}

#[derive(Debug, Clone, Copy)]
enum Length {
    /// Less than half a lease: no task is lost. Longer outages of Postgres are covered by the kit's tests.
    Short,
    /// Longer than a lease: a stopped process has lost its tasks.
    Long,
}

use Length::{Long, Short};
use Victim::{Backend, Child, Gateway, Keeper, Postgres, Redis, Scheduler, Worker};

/// A deck with this many cards of each victim, dealt repeatedly.
const KILLS: [(Victim, usize); 8] = [
    (Worker, 15),
    (Child, 11),
    (Gateway, 3),
    (Scheduler, 3),
    // Each of these stops the whole fleet for a while: together about twice a minute.
    (Redis, 1),
    (Postgres, 1),
    (Backend, 1),
    (Keeper, 1),
];

#[derive(Debug, Clone, Copy)]
enum Harm {
    Stop(Victim, Length),
    Drain,
    Flush,
    PauseRedis,
}

const HARMS: [Harm; 14] = [
    Harm::Stop(Worker, Short),
    Harm::Stop(Worker, Long),
    Harm::Stop(Worker, Long),
    Harm::Stop(Child, Long),
    Harm::Stop(Gateway, Short),
    Harm::Stop(Scheduler, Long),
    Harm::Stop(Redis, Long),
    Harm::Stop(Postgres, Short),
    Harm::Stop(Backend, Long),
    // While it is stopped, a server that is killed is not restarted.
    Harm::Stop(Keeper, Short),
    Harm::Drain,
    Harm::Drain,
    Harm::Flush,
    Harm::PauseRedis,
];

/// Kills and other faults per second.
const KILL_RATE: f64 = 0.4;
const HARM_RATE: f64 = 0.12;

/// The schedule of a run. `apart`: no fault of Postgres falls into the outage of another one, so that no outage is longer than
/// half a lease.
pub fn plan(seed: u64, seconds: u64, lease: Duration, apart: bool) -> Vec<Strike> {
    let mut dice = SplitMix64::new(seed);
    let count = |rate: f64| (seconds as f64 * rate).round() as usize;
    let deck: Vec<Victim> = KILLS.iter().flat_map(|(victim, n)| vec![*victim; *n]).collect();
    let kills = deal(&deck, count(KILL_RATE), &mut dice);
    let harms = deal(&HARMS, count(HARM_RATE), &mut dice);
    let mut faults: Vec<Fault> = kills.into_iter().map(Fault::Kill).collect();
    faults.extend(harms.into_iter().map(|harm| harm.fault(lease, &mut dice)));
    let mut strikes: Vec<Strike> = faults
        .into_iter()
        .map(|fault| Strike {
            at: Duration::from_secs(seconds).mul_f64(dice.unit()),
            fault,
            pick: dice.next_u64(),
        })
        .collect();
    strikes.sort_by_key(|strike| strike.at);
    if apart {
        set_apart(&mut strikes, Duration::from_secs(seconds), lease);
        strikes.sort_by_key(|strike| strike.at);
    }
    strikes
}

/// Takes the duration of all outages out of the length of the run and inserts each after its fault, so that the faults stay
/// uniformly distributed.
fn set_apart(strikes: &mut [Strike], length: Duration, lease: Duration) {
    let outages = || strikes.iter().filter_map(|strike| strike.fault.outage(lease));
    let free = length.saturating_sub(outages().sum()).div_duration_f64(length);
    let mut taken = Duration::ZERO;
    for strike in strikes {
        if let Some(outage) = strike.fault.outage(lease) {
            strike.at = strike.at.mul_f64(free) + taken;
            taken += outage;
        }
    }
}

/// Deals `count` cards: whole decks, and a part of one that the seed chooses.
fn deal<T: Copy>(deck: &[T], count: usize, dice: &mut SplitMix64) -> Vec<T> {
    let mut dealt = Vec::new();
    while dealt.len() < count {
        let mut shuffled = deck.to_vec();
        dice.shuffle(&mut shuffled);
        shuffled.truncate(count - dealt.len());
        dealt.extend(shuffled);
    }
    dealt
}

impl Harm {
    fn fault(self, lease: Duration, dice: &mut SplitMix64) -> Fault {
        let mut time = |length| {
            lease.mul_f64(match length {
                Short => 0.1 + 0.3 * dice.unit(),
                Long => 1.1 + 0.6 * dice.unit(),
            })
        };
        match self {
            Harm::Stop(victim, length) => Fault::Stop(victim, time(length)),
            Harm::Drain => Fault::Drain,
            Harm::Flush => Fault::Flush,
            Harm::PauseRedis => Fault::PauseRedis(time(Long)),
        }
    }
}

impl Fault {
    pub fn victim(self) -> Victim {
        match self {
            Fault::Kill(victim) | Fault::Stop(victim, _) => victim,
            Fault::Drain => Worker,
            Fault::Flush | Fault::PauseRedis(_) => Redis,
        }
    }

    /// Whether the fault affects all tasks, not only those of one worker.
    pub fn hits_all(self) -> bool {
        !matches!(self.victim(), Worker | Child | Gateway)
    }

    /// For a fault that may take Postgres down: the longest time until everything works again.
    pub fn outage(self, lease: Duration) -> Option<Duration> {
        matches!(self.victim(), Postgres | Backend | Keeper).then(|| self.lasts() + lease / 2)
    }

    pub fn is_kill(self) -> bool {
        matches!(self, Fault::Kill(_))
    }

    /// How long the fault itself keeps its victim out of action.
    pub fn lasts(self) -> Duration {
        match self {
            Fault::Stop(_, time) | Fault::PauseRedis(time) => time,
            _ => Duration::ZERO,
        }
    }

    /// The fault's name without its figures, as the account groups them.
    pub fn kind(self) -> String {
        match self {
            Fault::Kill(victim) => format!("kill {victim}"),
            Fault::Stop(victim, _) => format!("stop {victim}"),
            Fault::Drain => "drain worker".into(),
            Fault::Flush => "FLUSHALL".into(),
            Fault::PauseRedis(_) => "CLIENT PAUSE".into(),
        }
    }
}

impl Victim {
    /// Whether it is a worker or a child of one: one of many, each with or without tasks.
    pub fn is_worker(self) -> bool {
        matches!(self, Worker | Child)
    }
}

impl fmt::Display for Victim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Worker => "worker",
            Child => "child",
            Gateway => "gateway",
            Scheduler => "scheduler",
            Redis => "redis",
            Postgres => "postgres",
            Backend => "backend",
            Keeper => "keeper",
        })
    }
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:8.3}  {}", self.at.as_secs_f64(), self.fault.kind())?;
        let lasts = self.fault.lasts();
        if !lasts.is_zero() {
            write!(f, " for {:.3} s", lasts.as_secs_f64())?;
        }
        write!(f, "  {:016x}", self.pick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const LEASE: Duration = Duration::from_secs(15);

    #[test]
    fn equal_seeds_give_equal_schedules_and_others_do_not() {
        assert_eq!(plan(7, 300, LEASE, true), plan(7, 300, LEASE, true));
        let all: HashSet<String> = (0..50)
            .map(|seed| format!("{:?}", plan(seed, 60, LEASE, false)))
            .collect();
        assert_eq!(all.len(), 50);
    }

    #[test]
    fn three_hundred_seconds_hold_a_hundred_kills_of_everybody() {
        let strikes = plan(1, 300, LEASE, false);
        let kills: Vec<_> = strikes.iter().filter(|s| s.fault.is_kill()).collect();
        assert!(kills.len() >= 100);
        let killed: HashSet<Victim> = kills.iter().map(|s| s.fault.victim()).collect();
        assert_eq!(killed.len(), 8);
        assert!(strikes.is_sorted_by_key(|s| s.at));
        assert!(strikes.iter().all(|s| s.at <= Duration::from_secs(300)));
    }

    #[test]
    fn set_apart_no_outage_begins_before_the_one_before_it_is_over() {
        for seed in 0..50 {
            let strikes = plan(seed, 300, LEASE, true);
            let outages: Vec<_> = strikes
                .iter()
                .filter_map(|s| Some((s.at, s.fault.outage(LEASE)?)))
                .collect();
            assert!(outages.len() > 12, "{outages:?}");
            assert!(
                outages.is_sorted_by(|(at, outage), (next, _)| *at + *outage <= *next),
                "{outages:?}"
            );
            assert!(strikes.is_sorted_by_key(|s| s.at));
            assert!(strikes.iter().all(|s| s.at <= Duration::from_secs(300)));
        }
    }
}
