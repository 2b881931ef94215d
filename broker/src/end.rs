//! How a run ends: one transaction, fenced by the token, with its results and the follow-up tasks.

use crate::Broker;
use crate::enqueue::NewTask;
use crate::error::{Error, Result};
use crate::events::RunEnded;
use crate::fault::{self, Moment};
use crate::task::{Ended, Enqueued, Run};
use futures_util::future::BoxFuture;
use queue_schema::document::DocumentError;
use queue_schema::invariants::within_budget;
use queue_schema::state::{Cause, Spent, transition};
use queue_schema::{Outcome, Policy, Queue, State, TraceId};
use std::time::Duration;
use telemetry::Event;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

/// Resources that the run's processes used, and their last output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    pub peak_kib: u64,
    pub cpu: Duration,
    /// The last lines that the processes printed.
    pub said: Vec<String>,
}

/// Decides which tasks follow. Called in the transaction that ends a run, after its results are written.
pub trait Follow: Send + Sync + 'static {
    fn ended<'a>(&'a self, tx: &'a Transaction<'_>, task: &'a Ended) -> BoxFuture<'a, Result<Vec<NewTask>>>;
}

/// The results of a run.
pub trait Commit: Send + Sync {
    /// Writes the results in the transaction that ends the run. [`Follow`] decides which tasks follow.
    fn commit<'a>(&'a self, tx: &'a Transaction<'_>) -> BoxFuture<'a, Result<()>>;
}

/// No tasks follow.
impl Follow for () {
    fn ended<'a>(&'a self, _: &'a Transaction<'_>, _: &'a Ended) -> BoxFuture<'a, Result<Vec<NewTask>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

struct Held {
    ended: Ended,
    policy: Policy,
    spent: Spent,
    cancel: Option<String>,
}

impl Broker {
    /// Ends a run as done. Its results are written in the transaction that also changes the task's state.
    ///
    /// # Errors
    /// [`Error::LeaseLost`]: nothing was written, and nothing may be.
    pub async fn complete(&self, run: Run, usage: Usage, results: impl Commit) -> Result<()> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let held = self.hold(&tx, run).await?;
        results.commit(&tx).await?;
        let (ended, woken) = self.settle(&tx, run, held, Outcome::Done, None, usage).await?;
        fault::dies(Moment::Written);
        tx.commit().await?;
        RunEnded { ended: &ended }.emit();
        fault::dies(Moment::Committed);
        self.wake.push_or_leave(&woken).await;
        Ok(())
    }

    /// Ends a run with any other outcome. Returns the task's new state.
    ///
    /// # Errors
    /// [`Error::LeaseLost`]: nothing was written, and nothing may be.
    pub async fn fail(&self, run: Run, outcome: Outcome, error: Option<DocumentError>, usage: Usage) -> Result<State> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let held = self.hold(&tx, run).await?;
        self.end_unfinished(tx, run, held, outcome, error, usage).await
    }

    /// Takes back a task whose lease is lost. `None`: it is being ended elsewhere, or its lease still stands.
    pub(crate) async fn take_back(&self, run: Run, error: DocumentError) -> Result<Option<State>> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let Some(held) = hold_lost(&tx, run).await? else {
            return Ok(None);
        };
        let ended = self.end_unfinished(tx, run, held, Outcome::WorkerLost, Some(error), Usage::default());
        ended.await.map(Some)
    }

    async fn end_unfinished(
        &self,
        tx: deadpool_postgres::Transaction<'_>,
        run: Run,
        mut held: Held,
        outcome: Outcome,
        error: Option<DocumentError>,
        usage: Usage,
    ) -> Result<State> {
        // A task that was to be cancelled is not retried, however its run ended.
        let outcome = if held.cancel.take().is_some() {
            Outcome::Cancelled
        } else {
            outcome
        };
        let (ended, woken) = self.settle(&tx, run, held, outcome, error, usage).await?;
        fault::dies(match outcome {
            Outcome::WorkerLost => Moment::TakenBack,
            _ => Moment::Written,
        });
        tx.commit().await?;
        RunEnded { ended: &ended }.emit();
        fault::dies(Moment::Committed);
        self.wake.push_or_leave(&woken).await;
        Ok(ended.state)
    }

    /// Locks the task's document and then its row, for the holder of its lease.
    async fn hold(&self, tx: &Transaction<'_>, run: Run) -> Result<Held> {
        if let Some(document) = run.document {
            crate::lock(tx, document).await?;
        }
        let hold = async || {
            let statement = include_str!("../sql/hold.sql");
            tx.query_opt(statement, &[&run.id, &run.token]).await
        };
        let row = match hold().await? {
            Some(row) => row,
            // The machine may just have woken from sleep, and the gap in the lease watch may not be recorded yet.
            None => {
                self.watch_leases().await?;
                hold().await?.ok_or(Error::LeaseLost(run.id))?
            }
        };
        read_held(&row)
    }

    /// Makes the transition, writes the rows and enqueues the tasks that follow. Returns how the run ended, and the tasks of
    /// which Redis has to be told; these always include the task itself.
    async fn settle(
        &self,
        tx: &Transaction<'_>,
        run: Run,
        held: Held,
        outcome: Outcome,
        error: Option<DocumentError>,
        usage: Usage,
    ) -> Result<(Ended, Vec<Enqueued>)> {
        let Held {
            mut ended,
            policy,
            spent,
            ..
        } = held;
        let after = transition(State::Running, Cause::Ended(outcome), spent, &policy, rand::random())
            .ok_or_else(|| Error::other("a running task has no way out"))?;
        debug_assert!(
            policy == Policy::NONE || within_budget(after.spent, &policy),
            "task {} spent {:?}, more than its budget",
            run.id,
            after.spent
        );
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let error_json = error.as_ref().map(serde_json::to_value).transpose()?;
        let delay = after.delay.unwrap_or_default().as_secs_f64();
        let cpu_ms = i64::try_from(usage.cpu.as_millis()).unwrap_or(i64::MAX);
        let peak_kib = i64::try_from(usage.peak_kib).unwrap_or(i64::MAX);
        let said = Some(usage.said.join("\n")).filter(|said| !said.is_empty());
        let row = tx
            .query_one(
                include_str!("../sql/end_task.sql"),
                &[
                    &run.id,
                    &after.to.as_str(),
                    &number(after.spent.attempts),
                    &number(after.spent.crashes),
                    &number(after.spent.timeouts),
                    &delay,
                    &outcome.as_str(),
                    &error_json,
                ],
            )
            .await?;
        tx.execute(
            include_str!("../sql/end_attempt.sql"),
            &[&run.token, &outcome.as_str(), &error_json, &peak_kib, &cpu_ms, &said],
        )
        .await?;
        (ended.outcome, ended.state, ended.error) = (outcome, after.to, error);
        let next = self.follow.ended(tx, &ended).await?;
        let mut woken = self.enqueue(tx, &next).await?;
        woken.push(Enqueued {
            id: run.id,
            queue: ended.queue,
            urgent: ended.urgent,
            rank: row.get("rank"),
            state: after.to,
        });
        Ok((ended, woken))
    }
}

/// As [`Broker::hold`], but for taking back a task. Does not wait for locks, so that one long commit does not keep other tasks
/// from being taken back.
async fn hold_lost(tx: &Transaction<'_>, run: Run) -> Result<Option<Held>> {
    if let Some(document) = run.document
        && !crate::try_lock(tx, document).await?
    {
        return Ok(None);
    }
    let row = tx
        .query_opt(include_str!("../sql/hold_lost.sql"), &[&run.id, &run.token])
        .await?;
    row.as_ref().map(read_held).transpose()
}

fn read_held(row: &Row) -> Result<Held> {
    let counter = |name: &str| u32::try_from(row.get::<_, i32>(name)).unwrap_or_default();
    let queue: Queue = row.get::<_, &str>("queue").parse().map_err(Error::other)?;
    Ok(Held {
        // A task whose policy cannot be parsed gets no budget, so it is not retried.
        policy: serde_json::from_value(row.get("policy")).unwrap_or(Policy::NONE),
        spent: Spent {
            attempts: counter("attempts"),
            crashes: counter("crashes"),
            timeouts: counter("timeouts"),
        },
        cancel: row.get("cancel"),
        ended: Ended {
            id: row.get("id"),
            queue,
            kind: row.get("kind"),
            payload: row.get("payload"),
            document: row.get("document_id"),
            stage: row.get::<_, Option<&str>>("stage").and_then(|s| s.parse().ok()),
            version: row.get("version"),
            urgent: row.get("urgent"),
            rank: row.get("rank"),
            flow: row.get("flow"),
            outcome: Outcome::Done,
            state: State::Running,
            error: None,
            trace: row.get::<_, Option<Uuid>>("trace_id").map(TraceId::from),
        },
    })
}
