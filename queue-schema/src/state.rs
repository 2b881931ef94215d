//! The states of a task as a pure function: `(state, cause, counters, policy) → transition`.
//!
//! ```text
//! scheduled → ready → running → done | dead | cancelled
//!     ↑         ↑________|  retry at once, hand-back
//!     └__________________|  retry after a delay
//! ```
//! Terminal states never change ([`Invariant::Terminal`](crate::invariants::Invariant::Terminal)): an operator's retry is a new
//! task that refers to the old one.

use crate::names;
use crate::policy::Policy;
use std::time::Duration;

names! {
    State {
        Scheduled = "scheduled",
        Ready = "ready",
        Running = "running",
        Done = "done",
        Dead = "dead",
        Cancelled = "cancelled",
    }
}

impl State {
    pub fn is_terminal(self) -> bool {
        matches!(self, State::Done | State::Dead | State::Cancelled)
    }
}

names! {
    /// How a run ended.
    Outcome {
        Done = "done",
        /// The handler returned a transient error: another run may succeed.
        Failed = "failed",
        /// The handler returned a permanent error: every run would fail with it.
        Refused = "refused",
        /// The run exceeded its soft, hard or no-progress limit.
        TimedOut = "timed_out",
        OutOfMemory = "out_of_memory",
        /// The child process died, or sent invalid messages.
        Crashed = "crashed",
        /// The lease expired: the worker is gone, stopped or cut off.
        WorkerLost = "worker_lost",
        /// The worker is draining, or a disk is full. Spends no attempt.
        HandedBack = "handed_back",
        Cancelled = "cancelled",
    }
}

impl Outcome {
    /// The outcome as a phrase for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Outcome::Done => "finished",
            Outcome::Failed => "failed and may be tried again",
            Outcome::Refused => "failed for good: another try would fail the same way",
            Outcome::TimedOut => "was stopped by its time limit",
            Outcome::OutOfMemory => "was stopped by its memory limit",
            Outcome::Crashed => "crashed its process",
            Outcome::WorkerLost => "lost its worker: the lease ran out without a sign of life",
            Outcome::HandedBack => "was handed back by its worker, which was asked to stop or has no space",
            Outcome::Cancelled => "was cancelled",
        }
    }

    /// Whether the outcome counts against `Policy::max_crashes`.
    pub fn is_crash(self) -> bool {
        matches!(self, Outcome::OutOfMemory | Outcome::Crashed | Outcome::WorkerLost)
    }
}

/// What a task has spent of its budgets so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Runs started. Counted at the claim, before any code of a handler runs.
    pub attempts: u32,
    pub crashes: u32,
    pub timeouts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The due time has come.
    Due,
    Claimed,
    Ended(Outcome),
    /// A person cancels it, or its document ends.
    Cancel,
}

/// What happens to the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub to: State,
    pub spent: Spent,
    /// For `scheduled`: the time until it is due.
    pub delay: Option<Duration>,
}

/// `None`: this cause does not change a task in this state. `jitter` in `[0, 1)` spreads the retry delays.
pub fn transition(state: State, cause: Cause, spent: Spent, policy: &Policy, jitter: f64) -> Option<Transition> {
    let to = |to| Some(Transition { to, spent, delay: None });
    match (state, cause) {
        (State::Scheduled, Cause::Due) => to(State::Ready),
        (State::Ready, Cause::Claimed) => {
            let spent = Spent {
                attempts: spent.attempts + 1,
                ..spent
            };
            Some(Transition {
                to: State::Running,
                spent,
                delay: None,
            })
        }
        (State::Scheduled | State::Ready, Cause::Cancel) => to(State::Cancelled),
        (State::Running, Cause::Ended(outcome)) => Some(ended(outcome, spent, policy, jitter)),
        _ => None,
    }
}

fn ended(outcome: Outcome, mut spent: Spent, policy: &Policy, jitter: f64) -> Transition {
    match outcome {
        Outcome::Done => {
            return Transition {
                to: State::Done,
                spent,
                delay: None,
            };
        }
        Outcome::Refused => {
            return Transition {
                to: State::Dead,
                spent,
                delay: None,
            };
        }
        Outcome::Cancelled => {
            return Transition {
                to: State::Cancelled,
                spent,
                delay: None,
            };
        }
        Outcome::HandedBack => {
            spent.attempts = spent.attempts.saturating_sub(1);
            return Transition {
                to: State::Ready,
                spent,
                delay: None,
            };
        }
        Outcome::TimedOut => spent.timeouts += 1,
        Outcome::OutOfMemory | Outcome::Crashed | Outcome::WorkerLost => spent.crashes += 1,
        Outcome::Failed => {}
    }
    let exhausted = spent.attempts >= policy.max_attempts
        || (outcome == Outcome::TimedOut && spent.timeouts >= policy.max_timeouts)
        || (outcome.is_crash() && spent.crashes >= policy.max_crashes);
    if exhausted {
        Transition {
            to: State::Dead,
            spent,
            delay: None,
        }
    } else if outcome == Outcome::WorkerLost {
        // The task already waited for its lease to expire, which is delay enough.
        Transition {
            to: State::Ready,
            spent,
            delay: None,
        }
    } else {
        Transition {
            to: State::Scheduled,
            spent,
            delay: Some(policy.delay_after(spent.attempts, jitter)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes() -> Vec<Cause> {
        let mut causes = vec![Cause::Due, Cause::Claimed, Cause::Cancel];
        causes.extend(Outcome::ALL.iter().map(|o| Cause::Ended(*o)));
        causes
    }

    /// Every state, cause and counter within and at the budgets.
    fn every_case(mut check: impl FnMut(State, Cause, Spent, &Policy, Option<Transition>)) {
        let policy = Policy {
            max_attempts: 4,
            max_crashes: 3,
            max_timeouts: 2,
            ..Policy::BASE
        };
        for state in State::ALL {
            for cause in causes() {
                for attempts in 0..=4 {
                    for crashes in 0..=3 {
                        for timeouts in 0..=2 {
                            let spent = Spent {
                                attempts,
                                crashes,
                                timeouts,
                            };
                            check(
                                *state,
                                cause,
                                spent,
                                &policy,
                                transition(*state, cause, spent, &policy, 0.5),
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn terminal_states_never_change() {
        every_case(|state, _, _, _, after| assert!(!state.is_terminal() || after.is_none()));
    }

    #[test]
    fn only_the_drawn_arrows_exist() {
        every_case(|state, cause, _, _, after| {
            let Some(after) = after else { return };
            let drawn = match state {
                State::Scheduled => matches!(after.to, State::Ready | State::Cancelled),
                State::Ready => matches!(after.to, State::Running | State::Cancelled),
                State::Running => after.to != State::Running,
                _ => false,
            };
            assert!(drawn, "{state} --{cause:?}--> {}", after.to);
            assert_eq!(after.delay.is_some(), after.to == State::Scheduled);
        });
    }

    #[test]
    fn a_running_task_always_leaves_running() {
        for outcome in Outcome::ALL {
            assert!(
                transition(
                    State::Running,
                    Cause::Ended(*outcome),
                    Spent::default(),
                    &Policy::BASE,
                    0.0
                )
                .is_some()
            );
        }
    }

    #[test]
    fn counters_never_shrink_but_by_a_hand_back() {
        every_case(|_, cause, before, _, after| {
            let Some(after) = after else { return };
            let handed_back = cause == Cause::Ended(Outcome::HandedBack);
            assert!(after.spent.attempts >= before.attempts || handed_back);
            assert!(after.spent.crashes >= before.crashes && after.spent.timeouts >= before.timeouts);
        });
    }

    #[test]
    fn every_sequence_of_outcomes_ends_a_task() {
        // A task whose runs all end the same way reaches a terminal state. Only hand-backs may go on for ever.
        for outcome in Outcome::ALL.iter().filter(|o| **o != Outcome::HandedBack) {
            let policy = Policy {
                max_attempts: 4,
                ..Policy::BASE
            };
            let (mut state, mut spent, mut runs) = (State::Ready, Spent::default(), 0);
            while !state.is_terminal() {
                let cause = match state {
                    State::Scheduled => Cause::Due,
                    State::Ready => Cause::Claimed,
                    _ => Cause::Ended(*outcome),
                };
                runs += u32::from(cause == Cause::Claimed);
                let after = transition(state, cause, spent, &policy, 0.5).expect("moves on");
                (state, spent) = (after.to, after.spent);
                assert!(runs <= policy.max_attempts, "{outcome} ran {runs} times");
            }
        }
    }

    #[test]
    fn three_crashes_are_the_end() {
        let spent = Spent {
            attempts: 3,
            crashes: 2,
            timeouts: 0,
        };
        for outcome in [Outcome::Crashed, Outcome::OutOfMemory, Outcome::WorkerLost] {
            let after = transition(State::Running, Cause::Ended(outcome), spent, &Policy::BASE, 0.5).unwrap();
            assert_eq!(after.to, State::Dead);
        }
        let after = transition(State::Running, Cause::Ended(Outcome::Failed), spent, &Policy::BASE, 0.5).unwrap();
        assert_eq!(after.to, State::Scheduled, "an ordinary error has the larger budget");
    }
}
