//! A worker for tests of what all workers are made of. Its results are rows of the table `effects`, which the test made.

mod forbidden;
mod steps;

use broker::{Broker, NewTask};
use fleet_tests::trial::{Step, Trial};
use kit::{Access, Desk, Failure, Job, Task, Tools};
use settings::Settings;
use std::path::Path;
use std::process::ExitCode;
use tokio_postgres::Transaction;

struct Trials;

/// Beside the scratch folder: signs between tasks and tests.
struct Signs;

impl Tools for Signs {
    fn warm(_: &Settings) -> Result<Self, String> {
        Ok(Signs)
    }

    fn needs(settings: &Settings) -> Access {
        let scratch = Path::new(settings.text("WORKER_SCRATCH_DIR"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        Access {
            write: vec![scratch.with_file_name("signs")],
            programs: std::env::split_paths(&path).collect(),
            ..Access::default()
        }
    }
}

impl Job for Trials {
    type Payload = Trial;
    type Output = String;
    type Tools = Signs;
    type Home = Broker;
    const GIVES_WAY: bool = true;

    fn run(_: &mut Signs, trial: Trial, desk: &mut Desk) -> Result<String, Failure> {
        trial.steps.iter().try_for_each(|step| steps::take(step, desk))?;
        let answers = trial.steps.iter().filter_map(|step| match step {
            Step::Answer { bytes } => Some("x".repeat(*bytes)),
            _ => None,
        });
        Ok(answers.collect())
    }

    async fn prepare(_: &Broker, task: &Task<'_, Trial>) -> Result<(), Failure> {
        hang_if(task.payload, Step::HangBefore).await
    }

    async fn publish(_: &Broker, task: &Task<'_, Trial>, _: &mut String) -> Result<(), Failure> {
        hang_if(task.payload, Step::HangAfter).await
    }

    async fn commit(
        _: &Broker,
        tx: &Transaction<'_>,
        task: &Task<'_, Trial>,
        _: &String,
    ) -> broker::Result<Vec<NewTask>> {
        tx.execute("INSERT INTO effects (task) VALUES ($1)", &[&task.claimed.id])
            .await?;
        let next = task.payload.steps.iter().filter_map(|step| match step {
            Step::ThenDo(steps) => Some(NewTask::new(&Trial::of(steps.clone()))),
            _ => None,
        });
        next.collect()
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
        .uses(&["CLEAN_DELETED_DOCUMENT_TIME_LIMIT"])
        .run()
}
