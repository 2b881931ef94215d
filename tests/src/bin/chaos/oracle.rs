//! What became of all that was promised, from the rows alone.

use crate::fleet::{Fleet, PATIENCE};
use crate::ledger::{Expected, Ledger, Obligation, Work, Wrong};
use anyhow::{Context, Result};
use broker::Broker;
use queue_schema::{Outcome, Policy, State};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;
use tokio_postgres::Row;
use uuid::Uuid;

const PAUSE: Duration = Duration::from_millis(200);

pub struct Task {
    pub id: Uuid,
    kind: String,
    state: State,
    attempts: i32,
    crashes: i32,
    timeouts: i32,
    policy: Policy,
    document: Option<Uuid>,
    error: Option<Value>,
    pub runs: Vec<Run>,
}

/// One row of `attempts`.
pub struct Run {
    pub worker: Uuid,
    /// Seconds since the epoch.
    pub started: f64,
    pub ended: Option<f64>,
    pub outcome: Option<Outcome>,
}

/// How the work of one kind ended.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub struct Ends {
    pub accepted: usize,
    pub done: usize,
    pub failed_as_expected: usize,
    pub handed_back: usize,
}

/// Waits until nothing is live. Work that goes on takes the time that it takes; it is stuck once nothing has ended for long.
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

/// Everything that must be, checked.
pub struct Oracle<'a> {
    pub ledger: &'a Ledger,
    pub tasks: HashMap<Uuid, Task>,
    documents: HashMap<Uuid, (String, Option<Value>)>,
    effects: HashMap<Uuid, i64>,
}

impl Oracle<'_> {
    pub async fn ask<'a>(ledger: &'a Ledger, broker: &Broker) -> Result<Oracle<'a>> {
        let client = broker.pool().get().await?;
        let documents = client.query("SELECT id, status, error FROM documents", &[]).await?;
        let effects = client
            .query("SELECT task, count(*) FROM effects GROUP BY task", &[])
            .await?;
        let mut tasks = HashMap::new();
        for row in client.query("SELECT * FROM tasks", &[]).await? {
            let task = Task::read(&row)?;
            tasks.insert(task.id, task);
        }
        let runs = "SELECT task_id, worker_id, outcome, extract(epoch FROM started_at)::double precision AS started,
                           extract(epoch FROM ended_at)::double precision AS ended FROM attempts ORDER BY started_at";
        for row in client.query(runs, &[]).await? {
            let task = tasks.get_mut(&row.get("task_id")).context("a run of no task")?;
            task.runs.push(Run::read(&row)?);
        }
        Ok(Oracle {
            ledger,
            tasks,
            documents: documents
                .iter()
                .map(|row| (row.get(0), (row.get(1), row.get(2))))
                .collect(),
            effects: effects.iter().map(|row| (row.get(0), row.get(1))).collect(),
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
        let finals =
            |task: &&Task| task.document == Some(id) && task.kind == "finalize_document" && task.state == State::Done;
        let finals = self.tasks.values().filter(finals).count();
        if finals > 1 {
            self.ledger.find(
                Wrong::Doubled,
                format!("document {id} ({name}) was finalized {finals} times"),
            );
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

    /// What holds for every task, whoever brought it.
    fn check_task(&self, task: &Task) {
        if !task.state.is_terminal() && !self.is_promised(task.id) && task.document.is_none() {
            self.ledger.find(Wrong::Stuck, task.story());
        }
        let count = |fits: &dyn Fn(Outcome) -> bool| {
            let fitting = task.runs.iter().filter(|run| run.outcome.is_some_and(fits));
            i32::try_from(fitting.count()).unwrap_or(i32::MAX)
        };
        let begun = count(&|outcome| outcome != Outcome::HandedBack);
        let crashed = count(&Outcome::is_crash);
        let within = |spent: i32, most: u32| i64::from(spent) <= i64::from(most);
        let policy = &task.policy;
        let in_budget = within(task.attempts, policy.max_attempts)
            && within(task.crashes, policy.max_crashes)
            && within(task.timeouts, policy.max_timeouts);
        if !in_budget || task.attempts != begun || task.crashes != crashed {
            let story = format!(
                "{} attempts and {} crashes are on the row of {}",
                task.attempts,
                task.crashes,
                task.story()
            );
            self.ledger.find(Wrong::OverBudget, story);
        }
        if task
            .runs
            .iter()
            .filter(|run| run.outcome == Some(Outcome::Done))
            .count()
            > 1
        {
            self.ledger.find(Wrong::Doubled, task.story());
        }
        let beside = |pair: &&[Run]| pair[0].ended.is_none_or(|ended| ended > pair[1].started);
        if task.runs.windows(2).any(|pair| beside(&pair)) {
            self.ledger.find(Wrong::TwoRuns, task.story());
        }
    }

    fn is_promised(&self, id: Uuid) -> bool {
        self.ledger.obligations().iter().any(|promised| promised.id == id)
    }

    /// A run that ended otherwise than by its result or by a drain.
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

    /// Twice the same field of a document, or a result that is not to be had.
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

impl Task {
    fn read(row: &Row) -> Result<Task> {
        Ok(Task {
            id: row.get("id"),
            kind: row.get("kind"),
            state: row.get::<_, &str>("state").parse()?,
            attempts: row.get("attempts"),
            crashes: row.get("crashes"),
            timeouts: row.get("timeouts"),
            policy: serde_json::from_value(row.get("policy"))?,
            document: row.get("document_id"),
            error: row.get("error"),
            runs: Vec::new(),
        })
    }

    pub fn is_of_document(&self) -> bool {
        self.document.is_some()
    }

    /// In words, for whoever looks for the cause.
    pub fn story(&self) -> String {
        let clock = |seconds: f64| {
            chrono::DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
                .map(|time| time.format("%H:%M:%S%.3f").to_string())
                .unwrap_or_default()
        };
        let run = |run: &Run| {
            let outcome = run.outcome.map_or("open", Outcome::as_str);
            let ended = run.ended.map(clock).unwrap_or_default();
            format!("{outcome} {}–{ended} by {}", clock(run.started), run.worker)
        };
        let runs: Vec<String> = self.runs.iter().map(run).collect();
        let error = self.error.as_ref().and_then(|error| error["message"].as_str());
        format!(
            "{} {} is {} [{}] {}",
            self.kind,
            self.id,
            self.state,
            runs.join(", "),
            error.unwrap_or_default()
        )
    }
}

impl Run {
    fn read(row: &Row) -> Result<Run> {
        let outcome: Option<&str> = row.get("outcome");
        Ok(Run {
            worker: row.get("worker_id"),
            started: row.get("started"),
            ended: row.get("ended"),
            outcome: outcome.map(str::parse).transpose()?,
        })
    }
}
