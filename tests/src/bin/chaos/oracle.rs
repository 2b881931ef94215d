//! Judges the outcome of all accepted work, from the rows alone.

use crate::fleet::{Fleet, PATIENCE};
use crate::history::{self, Run, Task};
use crate::ledger::{Expected, Ledger, Obligation, Work, Wrong};
use crate::watch::wrong;
use anyhow::{Context, Result};
use broker::Broker;
use queue_schema::invariants::{Breach, Snapshot};
use queue_schema::{Outcome, State};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

const PAUSE: Duration = Duration::from_millis(200);

/// How the work of one kind ended.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub struct Ends {
    pub accepted: usize,
    pub done: usize,
    pub failed_as_expected: usize,
    pub handed_back: usize,
}

/// Waits until no work is in progress. Work may take as long as it needs; it counts as stuck when nothing has ended for
/// [`PATIENCE`].
pub async fn quiet(ledger: &Ledger, broker: &Broker) {
    let (mut ends, mut since) = (ledger.ends(), Instant::now());
    while since.elapsed() < PATIENCE {
        let none_live = ledger.live(Work::Document) + ledger.live(Work::Task) == 0;
        if none_live && live_tasks(broker).await.is_ok_and(|live| live == 0) {
            return;
        }
        if ends != ledger.ends() {
            (ends, since) = (ledger.ends(), Instant::now());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn live_tasks(broker: &Broker) -> Result<i64> {
    let client = broker.pool().get().await?;
    let live = "SELECT count(*) FROM tasks WHERE state IN ('scheduled', 'ready', 'running')";
    Ok(client.query_one(live, &[]).await?.get(0))
}

/// Checks every guarantee.
pub struct Oracle<'a> {
    pub ledger: &'a Ledger,
    pub tasks: HashMap<Uuid, Task>,
    documents: HashMap<Uuid, (String, Option<Value>)>,
    effects: HashMap<Uuid, i64>,
    snapshot: Snapshot,
}

impl Oracle<'_> {
    pub async fn ask<'a>(ledger: &'a Ledger, broker: &Broker) -> Result<Oracle<'a>> {
        let mut client = broker.pool().get().await?;
        let snapshot = fleet_tests::snapshot(&mut client).await?;
        let documents = client.query("SELECT id, status, error FROM documents", &[]).await?;
        let effects = client
            .query("SELECT task, count(*) FROM effects GROUP BY task", &[])
            .await?;
        let tasks = history::read(&client).await?;
        Ok(Oracle {
            ledger,
            tasks,
            documents: documents
                .iter()
                .map(|row| (row.get(0), (row.get(1), row.get(2))))
                .collect(),
            effects: effects.iter().map(|row| (row.get(0), row.get(1))).collect(),
            snapshot,
        })
    }

    pub fn check(&self) {
        for obligation in &self.ledger.obligations() {
            match obligation.work {
                Work::Document => self.check_document(obligation),
                Work::Task => self.check_trial(obligation),
            }
        }
        for task in self.tasks.values() {
            self.check_task(task);
        }
        self.check_snapshot();
    }

    fn check_document(&self, promised: &Obligation) {
        let (id, name) = (promised.id, &promised.name);
        let Some((status, error)) = self.documents.get(&id) else {
            return self
                .ledger
                .find(Wrong::Lost, format!("document {id} ({name}) has no row"));
        };
        let code = error
            .as_ref()
            .and_then(|error| error["code"].as_str())
            .unwrap_or_default();
        let as_expected = match (status.as_str(), promised.expected) {
            ("done", Expected::Done | Expected::Ended) => true,
            ("failed", Expected::Failed(expected)) => code == expected,
            ("failed", Expected::Ended) => !["", "internal", "crashed"].contains(&code),
            ("queued" | "processing", _) => {
                let story = format!("document {id} ({name}) is {status}: {}", self.tasks_of(id));
                return self.ledger.find(Wrong::Stuck, story);
            }
            _ => false,
        };
        if !as_expected {
            let error = error.as_ref().map(Value::to_string).unwrap_or_default();
            let expected = promised.expected;
            let story = format!(
                "document {id} ({name}) is {status} {error} and not {expected:?}: {}",
                self.tasks_of(id)
            );
            self.ledger.find(Wrong::Unexpected, story);
        }
    }

    fn tasks_of(&self, document: Uuid) -> String {
        let tasks = self.tasks.values().filter(|task| task.document == Some(document));
        let mut tasks: Vec<&Task> = tasks.collect();
        tasks.sort_by_key(|task| task.id);
        tasks.iter().map(|task| task.story()).collect::<Vec<_>>().join("; ")
    }

    fn check_trial(&self, promised: &Obligation) {
        let (id, name) = (promised.id, &promised.name);
        let Some(task) = self.tasks.get(&id) else {
            return self.ledger.find(Wrong::Lost, format!("task {id} ({name}) has no row"));
        };
        let effects = self.effects.get(&id).copied().unwrap_or_default();
        let expected = match promised.expected {
            Expected::Failed(_) => (State::Dead, 0),
            _ => (State::Done, 1),
        };
        match (task.state, effects) {
            found if found == expected => {}
            (_, 2..) => self
                .ledger
                .find(Wrong::Doubled, format!("{effects} effects of {}", task.story())),
            (State::Done, 0) => self.ledger.find(Wrong::Lost, format!("no effect of {}", task.story())),
            (State::Scheduled | State::Ready | State::Running, _) => self.ledger.find(Wrong::Stuck, task.story()),
            _ => {
                let story = format!("{name}, {effects} effects: {}", task.story());
                self.ledger.find(Wrong::Unexpected, story);
            }
        }
    }

    /// Checks the guarantees of every task, including those that the fleet enqueued itself.
    fn check_task(&self, task: &Task) {
        if task
            .runs
            .iter()
            .filter(|run| run.outcome == Some(Outcome::Done))
            .count()
            > 1
        {
            self.ledger.find(Wrong::Doubled, task.story());
        }
        let beside = |pair: &[Run]| pair[0].ended.is_none_or(|ended| ended > pair[1].started);
        if task.runs.windows(2).any(beside) {
            self.ledger.find(Wrong::TwoRuns, task.story());
        }
    }

    /// Checks the guarantees of all tasks together. Accepted work is checked one by one, so only other tasks are reported as
    /// stuck here.
    fn check_snapshot(&self) {
        let obligations = self.ledger.obligations();
        let promised: HashSet<String> = obligations.iter().map(|promised| promised.id.to_string()).collect();
        let of_others = |breach: &&Breach| !promised.iter().any(|id| breach.what.contains(id));
        let unended = self.snapshot.unended();
        for breach in self.snapshot.breaches().iter().chain(unended.iter().filter(of_others)) {
            let named = self
                .tasks
                .values()
                .find(|task| breach.what.contains(&task.id.to_string()));
            let story = named.map(Task::story).unwrap_or_default();
            self.ledger.find(wrong(breach), format!("{}: {story}", breach.what));
        }
    }

    /// Tasks with a run that ended neither with its result nor by a drain.
    pub fn spoilt(&self) -> impl Iterator<Item = &Task> {
        let fine = |run: &Run| {
            matches!(
                run.outcome,
                Some(Outcome::Done | Outcome::HandedBack | Outcome::Refused)
            )
        };
        self.tasks.values().filter(move |task| !task.runs.iter().all(fine))
    }

    pub fn ends(&self, work: Work) -> Ends {
        let obligations = self.ledger.obligations();
        let promised: Vec<_> = obligations.iter().filter(|o| o.work == work).collect();
        let ended = |promised: &Obligation, how: &str, task_state: State| match work {
            Work::Document => self
                .documents
                .get(&promised.id)
                .is_some_and(|(status, _)| status == how),
            Work::Task => self
                .tasks
                .get(&promised.id)
                .is_some_and(|task| task.state == task_state),
        };
        let failed = |o: &Obligation| o.expected != Expected::Done && ended(o, "failed", State::Dead);
        let handed_back = |task: &Task| {
            task.runs
                .iter()
                .filter(|r| r.outcome == Some(Outcome::HandedBack))
                .count()
        };
        let of_work = |task: &&Task| task.document.is_some() == (work == Work::Document);
        Ends {
            accepted: promised.len(),
            done: promised.iter().filter(|o| ended(o, "done", State::Done)).count(),
            failed_as_expected: promised.iter().filter(|o| failed(o)).count(),
            handed_back: self.tasks.values().filter(of_work).map(handed_back).sum(),
        }
    }

    /// Finds documents with the same field twice, and results that cannot be fetched.
    pub async fn check_results(&self, broker: &Broker, fleet: &Fleet) -> Result<()> {
        let client = broker.pool().get().await?;
        let twice = "SELECT DISTINCT document_id FROM annotations
                     GROUP BY document_id, label, value, raw, page, box HAVING count(*) > 1";
        for row in client.query(twice, &[]).await? {
            let document: Uuid = row.get(0);
            self.ledger
                .find(Wrong::Doubled, format!("document {document} has a field twice"));
        }
        let gateway = fleet.gateway().context("the fleet has no gateway after all")?;
        for promised in self.ledger.obligations().iter().filter(|o| o.work == Work::Document) {
            let id = promised.id;
            if self.documents.get(&id).is_none_or(|(status, _)| status != "done") {
                continue;
            }
            let answer = reqwest::get(format!("{gateway}/api/v1/documents/{id}/result")).await?;
            if !answer.status().is_success() {
                let story = format!("the result of document {id} ({}): {}", promised.name, answer.status());
                self.ledger.find(Wrong::Lost, story);
            }
        }
        Ok(())
    }
}
