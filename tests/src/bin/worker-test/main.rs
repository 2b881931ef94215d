//! A worker for tests of the kit that all workers use. It writes its results to the table `effects`, which the test creates.

mod forbidden;
mod steps;

use broker::{Broker, Claimed, Ended, Follow, JobContext, NewTask};
use fleet_tests::trial::{Step, Trial};
use futures_util::future::BoxFuture;
use kit::{Access, Failure, Job, RunHandle, Task, Tools};
use queue_schema::State;
use serde::Deserialize;
use settings::{CLEAN_DELETED_DOCUMENT_TIME_LIMIT, Settings, WORKER_SCRATCH_DIR};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio_postgres::Transaction;

struct Trials;

/// The folder for files between tasks and tests, beside the scratch folder.
struct Signs;

impl Tools for Signs {
    fn warm(_: &Settings) -> Result<Self, String> {
        Ok(Signs)
    }

    fn needs(settings: &Settings) -> Access {
        let scratch = Path::new(settings.get(WORKER_SCRATCH_DIR).unwrap_or_default());
        let path = std::env::var_os("PATH").unwrap_or_default();
        Access {
            write: vec![scratch.with_file_name("signs")],
            programs: std::env::split_paths(&path).collect(),
            ..Access::default()
        }
    }
}

/// Enqueues tasks, and the tasks that follow them.
#[derive(Clone)]
struct Fleet(Broker);

impl JobContext for Fleet {
    async fn open(settings: &Settings) -> broker::Result<Fleet> {
        Broker::open(settings, Arc::new(ThenDo)).await.map(Fleet)
    }

    fn broker(&self) -> &Broker {
        &self.0
    }

    async fn project(&self, claimed: &Claimed) -> broker::Result<String> {
        self.0.project(claimed).await
    }
}

/// Implements [`Step::ThenDo`].
struct ThenDo;

impl Follow for ThenDo {
    fn ended<'a>(&'a self, _: &'a Transaction<'_>, task: &'a Ended) -> BoxFuture<'a, broker::Result<Vec<NewTask>>> {
        Box::pin(async move {
            if task.state != State::Done {
                return Ok(Vec::new());
            }
            let trial = Trial::deserialize(&task.payload)?;
            let next = trial.steps.into_iter().filter_map(|step| match step {
                Step::ThenDo(steps) => Some(NewTask::new(&Trial::of(steps))),
                _ => None,
            });
            next.collect()
        })
    }
}

impl Job for Trials {
    type Payload = Trial;
    type Input = ();
    type Output = String;
    type Published = ();
    type Tools = Signs;
    type Context = Fleet;
    const GIVES_WAY: bool = true;

    async fn prepare(_: &Fleet, task: &Task<'_, Trial>) -> Result<(), Failure> {
        hang_if(task.payload, Step::HangBefore).await
    }

    fn run(_: &mut Signs, trial: Trial, (): (), run: &mut RunHandle) -> Result<String, Failure> {
        trial.steps.iter().try_for_each(|step| steps::take(step, run))?;
        let answers = trial.steps.iter().filter_map(|step| match step {
            Step::Answer { bytes } => Some("x".repeat(*bytes)),
            _ => None,
        });
        Ok(answers.collect())
    }

    async fn publish(_: &Fleet, task: &Task<'_, Trial>, _: String) -> Result<(), Failure> {
        hang_if(task.payload, Step::HangAfter).await
    }

    async fn commit(_: &Fleet, tx: &Transaction<'_>, task: &Task<'_, Trial>, (): &()) -> broker::Result<()> {
        let statement = "INSERT INTO effects (task) VALUES ($1)";
        tx.execute(statement, &[&task.claimed.id]).await?;
        Ok(())
    }
}

async fn hang_if(trial: &Trial, hang: Step) -> Result<(), Failure> {
    if trial.steps.contains(&hang) {
        std::future::pending::<()>().await;
    }
    Ok(())
}

fn main() -> ExitCode {
    kit::worker("worker-test", "Misbehaves, for tests")
        .job::<Trials>()
        .uses(&[&CLEAN_DELETED_DOCUMENT_TIME_LIMIT])
        .run()
}
