//! The invariants of the task tables. Model tests, fault tests and chaos runs check them on snapshots of the tables. The
//! broker asserts the task budget in debug builds with the same function.

use crate::policy::Policy;
use crate::state::{Outcome, Spent, State};
use std::collections::{HashMap, HashSet};
use std::fmt;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Invariant {
    /// Every accepted task reaches a terminal state.
    Ends,
    /// A running task has exactly one run in progress; any other task has none.
    OneRun,
    /// A task never spends more than its budget, no matter which process is killed when.
    Budget,
    /// A terminal state never changes.
    Terminal,
    /// Each version of a document is finalized at most once.
    OneFinalize,
    /// A schedule enqueues one task for each firing time.
    OneFiring,
    /// A task that has ended, such as a cancelled one, does not run again.
    Cancelled,
    /// After a reconciliation Redis knows every ready task.
    Woken,
    /// A run that was handed back does not spend an attempt.
    HandedBack,
    /// A flood of tasks in one flow delays another flow's next task by at most one round.
    Fair,
}

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub invariant: Invariant,
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.what)
    }
}

fn breach(invariant: Invariant, what: impl Into<String>) -> Breach {
    Breach {
        invariant,
        what: what.into(),
    }
}

/// A task in a snapshot.
#[derive(Debug, Clone)]
pub struct TaskFacts {
    pub id: Uuid,
    pub kind: String,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub spent: Spent,
    /// `None`: the stored policy cannot be parsed.
    pub policy: Option<Policy>,
    pub token: Option<Uuid>,
    pub document: Option<Uuid>,
    pub version: i32,
}

/// A run in a snapshot.
#[derive(Debug, Clone)]
pub struct RunFacts {
    pub task: Uuid,
    pub token: Uuid,
    /// `None`: the run is in progress.
    pub outcome: Option<Outcome>,
}

/// All tasks and runs at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub tasks: Vec<TaskFacts>,
    pub runs: Vec<RunFacts>,
    /// Schedule, firing time, task.
    pub firings: Vec<(String, i64, Uuid)>,
}

/// Whether a task has spent no more than its policy allows.
pub fn within_budget(spent: Spent, policy: &Policy) -> bool {
    spent.attempts <= policy.max_attempts.max(1)
        && spent.crashes <= policy.max_crashes.max(1)
        && spent.timeouts <= policy.max_timeouts.max(1)
}

impl Snapshot {
    /// Breaches of the invariants that hold at every moment.
    pub fn breaches(&self) -> Vec<Breach> {
        let mut runs: HashMap<Uuid, Vec<&RunFacts>> = HashMap::new();
        for run in &self.runs {
            runs.entry(run.task).or_default().push(run);
        }
        let mut found = Vec::new();
        for task in &self.tasks {
            let of_task = runs.get(&task.id).map_or(&[][..], Vec::as_slice);
            found.extend(task.one_run(of_task));
            found.extend(task.budget(of_task));
        }
        found.extend(self.one_finalize());
        found.extend(self.one_firing());
        found
    }

    /// Tasks that have not ended although the fleet is idle.
    pub fn unended(&self) -> Vec<Breach> {
        let live = self.tasks.iter().filter(|task| !task.state.is_terminal());
        live.map(|task| breach(Invariant::Ends, format!("{task} is still {}", task.state)))
            .collect()
    }

    /// Breaches of the invariants that hold between an earlier snapshot and this one.
    pub fn breaches_since(&self, earlier: &Snapshot) -> Vec<Breach> {
        let now: HashMap<Uuid, &TaskFacts> = self.tasks.iter().map(|task| (task.id, task)).collect();
        let (runs_now, runs_then) = (self.runs_by_task(), earlier.runs_by_task());
        let ended = earlier.tasks.iter().filter(|task| task.state.is_terminal());
        let mut found = Vec::new();
        for before in ended {
            // Retention may have removed it.
            let Some(after) = now.get(&before.id) else { continue };
            if (after.state, after.outcome) != (before.state, before.outcome) {
                let what = format!("{before} was {} and is {}", before.state, after.state);
                found.push(breach(Invariant::Terminal, what));
            }
            if runs_now.get(&before.id) != runs_then.get(&before.id) {
                found.push(breach(
                    Invariant::Cancelled,
                    format!("{before} had ended and ran again"),
                ));
            }
        }
        found
    }

    fn runs_by_task(&self) -> HashMap<Uuid, usize> {
        let mut runs = HashMap::new();
        for run in &self.runs {
            *runs.entry(run.task).or_default() += 1;
        }
        runs
    }

    fn one_finalize(&self) -> Vec<Breach> {
        let done = self
            .tasks
            .iter()
            .filter(|t| t.kind == "finalize_document" && t.state == State::Done);
        let mut seen = HashSet::new();
        let doubled = done.filter(|task| task.document.is_some() && !seen.insert((task.document, task.version)));
        doubled
            .map(|task| {
                breach(
                    Invariant::OneFinalize,
                    format!("{task} finalized its document a second time"),
                )
            })
            .collect()
    }

    fn one_firing(&self) -> Vec<Breach> {
        let mut moments = HashSet::new();
        let mut tasks = HashSet::new();
        let doubled = self
            .firings
            .iter()
            .filter(|(name, at, task)| !moments.insert((name, at)) || !tasks.insert(task));
        doubled
            .map(|(name, at, _)| breach(Invariant::OneFiring, format!("schedule {name} fired twice for {at}")))
            .collect()
    }
}

impl fmt::Display for TaskFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {} ({})", self.id, self.kind)
    }
}

impl TaskFacts {
    fn one_run(&self, runs: &[&RunFacts]) -> Option<Breach> {
        let under_way: Vec<Uuid> = runs
            .iter()
            .filter(|run| run.outcome.is_none())
            .map(|run| run.token)
            .collect();
        let expected: Vec<Uuid> = self.token.into_iter().collect();
        let holds = under_way == expected && (self.state == State::Running) == self.token.is_some();
        (!holds).then(|| {
            let what = format!("{self} is {} with {} runs under way", self.state, under_way.len());
            breach(Invariant::OneRun, what)
        })
    }

    fn budget(&self, runs: &[&RunFacts]) -> Option<Breach> {
        let count = |counts: fn(Outcome) -> bool| runs.iter().filter(|run| run.outcome.is_some_and(counts)).count();
        let handed_back = count(|outcome| outcome == Outcome::HandedBack);
        let spent = self.spent;
        let told = format!(
            "{self} spent {spent:?} in {} runs, {handed_back} of them handed back",
            runs.len()
        );
        if spent.attempts as usize > runs.len() - handed_back {
            return Some(breach(Invariant::HandedBack, told));
        }
        let true_to_runs = spent.attempts as usize == runs.len() - handed_back
            && spent.crashes as usize == count(Outcome::is_crash)
            && spent.timeouts as usize == count(|outcome| outcome == Outcome::TimedOut);
        let holds = true_to_runs && self.policy.as_ref().is_none_or(|policy| within_budget(spent, policy));
        (!holds).then(|| breach(Invariant::Budget, told))
    }
}

/// Compares Redis after a reconciliation with Postgres: every task in `ready` (Postgres) must be in `known` (Redis).
pub fn unwoken(ready: &[Uuid], known: &[Uuid]) -> Vec<Breach> {
    let missing = ready.iter().filter(|id| !known.contains(id));
    missing
        .map(|id| breach(Invariant::Woken, format!("task {id} is ready, and Redis does not know")))
        .collect()
}

/// Checks the flows of the tasks that were served while a task of `flow` waited. Each other flow may be served once, and
/// once more because of a tie.
pub fn unfair(flow: &str, served_meanwhile: &[String]) -> Option<Breach> {
    let mut turns: HashMap<&str, usize> = HashMap::new();
    for other in served_meanwhile {
        *turns.entry(other).or_default() += 1;
    }
    let (greedy, turns) = turns.into_iter().find(|(other, turns)| *other != flow && *turns > 2)?;
    let what = format!("{greedy} was served {turns} times while {flow} waited for its turn");
    Some(breach(Invariant::Fair, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(state: State) -> TaskFacts {
        TaskFacts {
            id: Uuid::from_u128(1),
            kind: "finalize_document".into(),
            state,
            outcome: None,
            spent: Spent::default(),
            policy: Some(Policy::BASE),
            token: None,
            document: Some(Uuid::from_u128(2)),
            version: 1,
        }
    }

    fn run(outcome: Option<Outcome>) -> RunFacts {
        RunFacts {
            task: Uuid::from_u128(1),
            token: Uuid::from_u128(3),
            outcome,
        }
    }

    fn named(breaches: Vec<Breach>) -> Vec<Invariant> {
        breaches.into_iter().map(|breach| breach.invariant).collect()
    }

    fn snapshot(tasks: Vec<TaskFacts>, runs: Vec<RunFacts>) -> Snapshot {
        Snapshot {
            tasks,
            runs,
            firings: Vec::new(),
        }
    }

    fn spent(attempts: u32, crashes: u32) -> Spent {
        Spent {
            attempts,
            crashes,
            timeouts: 0,
        }
    }

    #[test]
    fn a_healthy_task_breaches_nothing() {
        let mut running = task(State::Running);
        running.token = Some(Uuid::from_u128(3));
        running.spent = spent(2, 1);
        let runs = vec![run(Some(Outcome::HandedBack)), run(Some(Outcome::Crashed)), run(None)];
        assert_eq!(snapshot(vec![running], runs).breaches(), []);
    }

    #[test]
    fn every_breach_is_seen() {
        let ran = snapshot(vec![task(State::Ready)], vec![run(None)]);
        assert!(named(ran.breaches()).contains(&Invariant::OneRun));

        let mut handed_back = task(State::Ready);
        handed_back.spent = spent(1, 0);
        let handed_back = snapshot(vec![handed_back], vec![run(Some(Outcome::HandedBack))]);
        assert_eq!(named(handed_back.breaches()), [Invariant::HandedBack]);

        let mut spendthrift = task(State::Dead);
        spendthrift.spent = spent(4, 4);
        let crashes = vec![run(Some(Outcome::Crashed)); 4];
        assert_eq!(
            named(snapshot(vec![spendthrift], crashes).breaches()),
            [Invariant::Budget]
        );

        let mut free = task(State::Ready);
        free.spent = spent(1, 0);
        let free = snapshot(vec![free], vec![run(Some(Outcome::Crashed))]);
        assert_eq!(
            named(free.breaches()),
            [Invariant::Budget],
            "a crash that was not counted"
        );

        let mut second = task(State::Done);
        second.id = Uuid::from_u128(9);
        let twice = snapshot(vec![task(State::Done), second], Vec::new());
        assert_eq!(named(twice.breaches()), [Invariant::OneFinalize]);

        let fired = |task| ("nightly".to_owned(), 0, Uuid::from_u128(task));
        let firings = vec![fired(1), fired(2)];
        let fired = Snapshot {
            firings,
            ..Snapshot::default()
        };
        assert_eq!(named(fired.breaches()), [Invariant::OneFiring]);
    }

    #[test]
    fn what_ended_stays_as_it_is() {
        let cancelled = snapshot(vec![task(State::Cancelled)], Vec::new());
        assert_eq!(cancelled.breaches_since(&cancelled), []);
        let alive = snapshot(vec![task(State::Ready)], Vec::new());
        assert_eq!(named(alive.breaches_since(&cancelled)), [Invariant::Terminal]);
        let ran = snapshot(vec![task(State::Cancelled)], vec![run(Some(Outcome::Done))]);
        assert_eq!(named(ran.breaches_since(&cancelled)), [Invariant::Cancelled]);
        assert_eq!(named(alive.unended()), [Invariant::Ends]);
        assert_eq!(cancelled.unended(), []);
    }

    #[test]
    fn redis_must_know_and_floods_must_wait() {
        let id = Uuid::from_u128(1);
        assert_eq!(unwoken(&[id], &[id]), []);
        assert_eq!(named(unwoken(&[id], &[])), [Invariant::Woken]);
        let flood = |turns| vec!["flood".to_owned(); turns];
        assert_eq!(unfair("b", &flood(2)), None);
        assert!(unfair("b", &flood(3)).is_some());
    }
}
