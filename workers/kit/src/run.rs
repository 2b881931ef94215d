//! One claimed task: prepared, run in a child under its limits, and ended.

use crate::control::{Control, Order};
use crate::frame::{FromChild, ToChild};
use crate::job::{Failure, Office};
use crate::leases::Leases;
use crate::pool::{Pool, Warm};
use crate::scratch;
use crate::usage::Sample;
use broker::{Claimed, Commit, Error, Home, NewTask, Run, Usage};
use futures_util::future::BoxFuture;
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::{Outcome, Policy};
use serde_json::Value;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_postgres::Transaction;

/// How often a child's memory and clocks are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Pause before a completion is tried again while Postgres is away.
const AWAY: Duration = Duration::from_millis(500);

/// What all runs of a worker share.
pub struct Floor<H> {
    pub home: H,
    pub offices: HashMap<&'static str, Box<dyn Office<H>>>,
    pub pool: Pool,
    pub leases: Leases,
    pub scratch: scratch::Root,
}

/// How the child's part ended.
enum Ending {
    Output(Value),
    Other {
        outcome: Outcome,
        error: Option<DocumentError>,
    },
    /// Nothing may be written.
    LeaseLost,
}

impl Ending {
    fn of(outcome: Outcome, code: ErrorCode, message: impl Into<String>) -> Ending {
        Ending::Other {
            outcome,
            error: Some(DocumentError::new(code, message)),
        }
    }

    fn failed(failure: Failure) -> Ending {
        let outcome = match (failure.error.code, failure.passing) {
            (ErrorCode::TimedOut, _) => Outcome::TimedOut,
            (_, true) => Outcome::Failed,
            (_, false) => Outcome::Refused,
        };
        Ending::Other {
            outcome,
            error: Some(failure.error),
        }
    }

    fn ordered(order: &Order) -> Option<Ending> {
        match order {
            Order::Work => None,
            Order::Cancel(reason) => Some(Ending::of(Outcome::Cancelled, ErrorCode::Cancelled, reason.clone())),
            Order::HandBack => Some(Ending::Other {
                outcome: Outcome::HandedBack,
                error: None,
            }),
            Order::LeaseLost => Some(Ending::LeaseLost),
        }
    }
}

impl<H: Home> Floor<H> {
    /// Runs a claimed task to its end. Never fails: every trouble is an ending of the task.
    pub async fn run(self: Arc<Self>, claimed: Claimed) {
        let control = Control::new();
        let holding = self.leases.hold(claimed.id, claimed.token, control.clone());
        let started = Instant::now();
        let queue = claimed.queue.as_str();
        metrics::gauge!("docfleet_tasks_running", "queue" => queue).increment(1.0);
        let mut usage = Usage::default();
        let outcome = self.run_under_lease(&claimed, &control, &mut usage).await;
        drop(holding);
        metrics::gauge!("docfleet_tasks_running", "queue" => queue).decrement(1.0);
        metrics::histogram!("docfleet_task_seconds", "queue" => queue, "outcome" => outcome)
            .record(started.elapsed().as_secs_f64());
        tracing::info!(
            task = %claimed.id, kind = claimed.kind, document = claimed.document.map(tracing::field::display),
            attempt = claimed.attempt, outcome, ms = started.elapsed().as_millis() as u64, peak_kib = usage.peak_kib, "task ended"
        );
    }

    async fn run_under_lease(&self, claimed: &Claimed, control: &Control, usage: &mut Usage) -> &'static str {
        let office = match self.offices.get(claimed.kind.as_str()) {
            Some(office) => office.as_ref(),
            None => {
                let message = format!("no worker of this version knows the task kind {}", claimed.kind);
                return self
                    .end(
                        claimed,
                        control,
                        Ending::of(Outcome::Refused, ErrorCode::Internal, message),
                        *usage,
                    )
                    .await;
            }
        };
        let readable = match &claimed.policy {
            Ok(policy) => office.check(&claimed.payload).map(|()| policy),
            Err(problem) => Err(problem.clone()),
        };
        let policy = match readable {
            Ok(policy) => policy,
            Err(problem) => {
                let message = format!("the stored task cannot be read: {problem}");
                return self
                    .end(
                        claimed,
                        control,
                        Ending::of(Outcome::Refused, ErrorCode::Internal, message),
                        *usage,
                    )
                    .await;
            }
        };
        let folder = match self.scratch.for_run(claimed.token) {
            Ok(folder) => folder,
            Err(e) => {
                let message = format!("no scratch folder could be made (setting WORKER_SCRATCH_DIR): {e}");
                return self
                    .end(claimed, control, Ending::failed(Failure::passing(message)), *usage)
                    .await;
            }
        };
        let ending = self.work(office, claimed, policy, control, folder.path(), usage).await;
        match ending {
            Ending::Output(output) => {
                self.commit(office, claimed, control, folder.path(), output, *usage)
                    .await
            }
            other => self.end(claimed, control, other, *usage).await,
        }
    }

    async fn work(
        &self,
        office: &dyn Office<H>,
        claimed: &Claimed,
        policy: &Policy,
        control: &Control,
        scratch: &Path,
        usage: &mut Usage,
    ) -> Ending {
        let mut orders = control.orders();
        let prepared = async {
            office.prepare(&self.home, claimed, scratch).await?;
            Ok::<_, Failure>(self.pool.take().await)
        };
        let mut warm = tokio::select! {
            prepared = prepared => match prepared {
                Ok(warm) => warm,
                Err(failure) => return Ending::failed(failure),
            },
            ending = until_ordered(&mut orders) => return ending,
        };
        let ending = self
            .in_child(&mut warm, claimed, policy, control, &mut orders, scratch, usage)
            .await;
        self.part(warm, ending, policy).await
    }

    /// Gives the task to the child and watches it.
    #[expect(
        clippy::too_many_arguments,
        reason = "one run's whole context, used by this one caller"
    )]
    async fn in_child(
        &self,
        warm: &mut Warm,
        claimed: &Claimed,
        policy: &Policy,
        control: &Control,
        orders: &mut watch::Receiver<Order>,
        scratch: &Path,
        usage: &mut Usage,
    ) -> Watched {
        let before = warm.child.sample();
        self.pool.seat(warm, Some(claimed.id), before.rss_kib);
        let order = ToChild::Run {
            kind: claimed.kind.clone(),
            payload: claimed.payload.clone(),
            scratch: scratch.to_owned(),
        };
        if warm.child.send(&order).await.is_err() {
            return Watched::Died;
        }
        let started = Instant::now();
        let mut progressed = started;
        let mut told_to_stop = false;
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                frame = warm.child.next() => match frame {
                    Some(Ok(FromChild::Progress { done, total })) => {
                        progressed = Instant::now();
                        control.set_progress(done, total);
                        self.leases.progressed();
                    }
                    Some(Ok(FromChild::Done(output))) => {
                        // What ends between two looks would have taken nothing.
                        note(usage, before, warm.child.sample());
                        return Watched::Answered(Ending::Output(output));
                    }
                    Some(Ok(FromChild::Failed(failure))) => {
                        note(usage, before, warm.child.sample());
                        return Watched::Answered(Ending::failed(failure));
                    }
                    Some(Ok(FromChild::Ready | FromChild::Unfit(_))) => {
                        return Watched::Babbled("a frame out of turn".to_owned());
                    }
                    Some(Err(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                        return Watched::Babbled(format!("what is no frame ({error})"));
                    }
                    Some(Err(_)) | None => return Watched::Died,
                },
                ending = until_ordered(orders) => return Watched::Killed(ending, "ordered"),
                _ = look.tick() => {
                    let now = warm.child.sample();
                    note(usage, before, now);
                    self.pool.seat(warm, Some(claimed.id), now.rss_kib);
                    if let Some((ending, cause)) = over_limit(policy, started.elapsed(), progressed.elapsed(), now.rss_kib) {
                        return Watched::Killed(ending, cause);
                    }
                    if !told_to_stop && started.elapsed() >= policy.soft {
                        told_to_stop = true;
                        // A child that does not listen meets the hard limit.
                        let _ = warm.child.send(&ToChild::Stop).await;
                    }
                }
            }
        }
    }

    /// What becomes of the child after its task.
    async fn part(&self, mut warm: Warm, watched: Watched, policy: &Policy) -> Ending {
        let (pid, replaced) = (warm.child.pid(), warm.is_replaced());
        match watched {
            Watched::Answered(ending) => {
                self.pool.give_back(warm, policy);
                ending
            }
            Watched::Killed(ending, cause) => {
                self.kill(&mut warm).await;
                self.pool.lost(pid, replaced, cause);
                ending
            }
            Watched::Babbled(what) => {
                self.kill(&mut warm).await;
                self.pool.lost(pid, replaced, "crash");
                Ending::of(
                    Outcome::Crashed,
                    ErrorCode::Crashed,
                    format!("the process that ran this task was ended because it sent {what}"),
                )
            }
            Watched::Died => {
                let how = warm.child.end().await;
                self.pool.lost(pid, replaced, "crash");
                Ending::of(
                    Outcome::Crashed,
                    ErrorCode::Crashed,
                    format!("the process that ran this task {how}"),
                )
            }
        }
    }

    async fn kill(&self, warm: &mut Warm) {
        if let Err(error) = warm.child.kill().await {
            tracing::warn!(%error, pid = warm.child.pid(), "a child was killed, but its end was not seen");
        }
    }

    /// Publishes and commits the output, waiting for Postgres as long as the lease may stand.
    async fn commit(
        &self,
        office: &dyn Office<H>,
        claimed: &Claimed,
        control: &Control,
        scratch: &Path,
        output: Value,
        usage: Usage,
    ) -> &'static str {
        let published = tokio::select! {
            published = office.publish(&self.home, claimed, scratch, output) => published,
            ending = async { until_ordered(&mut control.orders()).await } => return self.end(claimed, control, ending, usage).await,
        };
        let output = match published {
            Ok(output) => output,
            Err(failure) => return self.end(claimed, control, Ending::failed(failure), usage).await,
        };
        loop {
            let results = Results {
                office,
                home: &self.home,
                claimed,
                scratch,
                output: &output,
            };
            match self.home.broker().complete(run_of(claimed), usage, results).await {
                Ok(()) => return Outcome::Done.as_str(),
                Err(Error::LeaseLost(_)) => return LEASE_LOST,
                Err(error) if error.is_passing() && *control.orders().borrow() != Order::LeaseLost => {
                    tracing::warn!(%error, task = %claimed.id, "result not committed; trying again while the lease stands");
                    tokio::time::sleep(AWAY).await;
                }
                Err(error) if error.is_passing() => return LEASE_LOST,
                Err(error) => {
                    let failure = Failure::passing(format!("the result could not be stored: {error}"));
                    return self.end(claimed, control, Ending::failed(failure), usage).await;
                }
            }
        }
    }

    /// Writes an ending other than done, waiting for Postgres as long as the lease may stand.
    async fn end(&self, claimed: &Claimed, control: &Control, ending: Ending, usage: Usage) -> &'static str {
        let Ending::Other { outcome, error } = ending else {
            return LEASE_LOST;
        };
        loop {
            match self
                .home
                .broker()
                .fail(run_of(claimed), outcome, error.clone(), usage)
                .await
            {
                Ok(_) => return outcome.as_str(),
                Err(failure) if failure.is_passing() && *control.orders().borrow() != Order::LeaseLost => {
                    tokio::time::sleep(AWAY).await;
                }
                Err(failure) => {
                    tracing::warn!(error = %failure, task = %claimed.id, "ending not written; the lease will run out instead");
                    return LEASE_LOST;
                }
            }
        }
    }
}

/// A run's output on its way into the database.
struct Results<'r, H> {
    office: &'r dyn Office<H>,
    home: &'r H,
    claimed: &'r Claimed,
    scratch: &'r Path,
    output: &'r Value,
}

impl<H: Home> Commit for Results<'_, H> {
    fn commit<'a>(&'a self, tx: &'a Transaction<'_>) -> BoxFuture<'a, broker::Result<Vec<NewTask>>> {
        self.office
            .commit(self.home, tx, self.claimed, self.scratch, self.output)
    }
}

fn note(usage: &mut Usage, before: Sample, now: Sample) {
    usage.peak_kib = usage.peak_kib.max(now.rss_kib);
    usage.cpu = usage.cpu.max(now.cpu.saturating_sub(before.cpu));
}

const LEASE_LOST: &str = "lease_lost";

/// How watching a child ended.
enum Watched {
    /// It answered and lives.
    Answered(Ending),
    /// It is to be killed: the ending of its task, and the cause to be counted.
    Killed(Ending, &'static str),
    /// It speaks nonsense: it sent this.
    Babbled(String),
    /// It is gone.
    Died,
}

fn run_of(claimed: &Claimed) -> Run {
    Run {
        id: claimed.id,
        token: claimed.token,
        document: claimed.document,
    }
}

async fn until_ordered(orders: &mut watch::Receiver<Order>) -> Ending {
    loop {
        if let Some(ending) = Ending::ordered(&orders.borrow_and_update()) {
            return ending;
        }
        if orders.changed().await.is_err() {
            // Nobody is left who could give an order.
            std::future::pending::<()>().await;
        }
    }
}

fn over_limit(policy: &Policy, total: Duration, silence: Duration, rss_kib: u64) -> Option<(Ending, &'static str)> {
    let timed_out = |message: String| (Ending::of(Outcome::TimedOut, ErrorCode::TimedOut, message), "time");
    if total >= policy.hard {
        return Some(timed_out(format!(
            "stopped after {} s, the hard limit of its queue",
            policy.hard.as_secs()
        )));
    }
    if silence >= policy.stall {
        return Some(timed_out(format!(
            "stopped after {} s without progress",
            policy.stall.as_secs()
        )));
    }
    (rss_kib >= policy.kill_kib).then(|| {
        let message = format!(
            "stopped at {} MiB of memory, the limit is {} MiB; if the document is worth it, raise WORKER_KILL_MEMORY_PER_CHILD",
            rss_kib / 1024,
            policy.kill_kib / 1024
        );
        (Ending::of(Outcome::OutOfMemory, ErrorCode::OutOfMemory, message), "kill_memory")
    })
}
