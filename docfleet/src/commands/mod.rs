//! One file per command, or per few similar commands.

mod completions;
mod config;
mod doctor;
mod documents;
mod down;
mod keys;
mod models;
mod queues;
mod tasks;
mod workers;

use crate::args::{Call, Fleet, Remote, Up};
use crate::client::Gateway;
use crate::data_dir::DataDir;
use crate::{batch, fleet};
use anyhow::{Context, Result};
use broker::Broker;
use settings::{API_KEY, BIND, BROKER_URL, DATABASE_URL, Origin, STORAGE_URL, Settings};
use std::process::ExitCode;
use std::sync::Arc;
use store::Store;

/// Name of the command line in the audit log.
const WHO: &str = "docfleet command line";

/// Runs the command.
pub fn run(call: Call, settings: &Settings) -> Result<ExitCode> {
    match call {
        Call::Up(up) => up_or_inner(up, settings),
        Call::Down(down) => wait_for(down::down(&down)),
        Call::Process(process) => wait_for(batch::process(&process, settings)),
        Call::Submit(submit) => wait_for(documents::submit(&submit, settings)),
        Call::Status(status) => wait_for(documents::status(&status, settings)),
        Call::Retry(retry) => wait_for(documents::retry(&retry, settings)),
        Call::Cancel(cancel) => wait_for(documents::cancel(&cancel, settings)),
        Call::Queues(look) => wait_for(queues::list(&look, settings)),
        Call::Tasks(tasks) => wait_for(tasks::list(&tasks, settings)),
        Call::Workers(look) => wait_for(workers::list(&look, settings)),
        Call::Pause(queue) => wait_for(queues::pause(&queue, settings)),
        Call::Resume(queue) => wait_for(queues::resume(&queue, settings)),
        Call::Drain(drain) => wait_for(workers::drain(&drain, settings)),
        Call::Train(train) => wait_for(models::train(&train, settings)),
        Call::Evaluate(evaluate) => wait_for(models::evaluate(&evaluate, settings)),
        Call::Models(project) => wait_for(models::list(&project, settings)),
        Call::Activate(activate) => wait_for(models::activate(&activate, settings)),
        Call::Keys(keys) => wait_for(keys::keys(&keys, settings)),
        Call::Doctor(fleet) => doctor::doctor(&fleet, settings),
        Call::Config(fleet) => config::show(&fleet, settings),
        Call::Completions(completions) => completions::print(&completions),
    }
}

/// A single thread, because the kernel ties the life of child processes to the thread that started them.
fn wait_for(command: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no asynchronous runtime")?
        .block_on(command)
}

fn up_or_inner(up: Up, settings: &Settings) -> Result<ExitCode> {
    let inner = up.inner;
    let options = fleet::Options {
        data: up.data,
        slots: up.workers,
        samples: up.samples,
    };
    if inner {
        fleet::run(&options, settings)
    } else {
        fleet::up(&options, settings)
    }
}

/// The gateway of a fleet: the one named on the command line, else that of the fleet running here, else the one in the
/// settings.
fn gateway(remote: &Remote, settings: &Settings) -> Result<Gateway> {
    let here = DataDir::existing(&remote.fleet.data)
        .map(|data| data.running())
        .transpose()?
        .flatten();
    let url = match (&remote.url, here) {
        (Some(url), _) => url.clone(),
        (None, Some(record)) if settings.origin(&BIND) == Origin::Default => record.gateway,
        (None, _) => format!("http://{}", settings.get(BIND)),
    };
    Ok(Gateway::new(&url, settings.get(API_KEY))?)
}

/// The broker of a fleet: the one at `DATABASE_URL`, else that of the fleet running here.
async fn broker(fleet: &Fleet, settings: &Settings) -> Result<Broker> {
    Ok(Broker::open(&reaching(fleet, settings)?, Arc::new(())).await?)
}

/// The store of a fleet, with its documents and models.
async fn store(fleet: &Fleet, settings: &Settings) -> Result<Store> {
    Ok(Store::open(&reaching(fleet, settings)?).await?)
}

/// The settings. Servers that they do not name are those of the fleet running here.
fn reaching(fleet: &Fleet, settings: &Settings) -> Result<Settings> {
    let here = DataDir::existing(&fleet.data)
        .map(|data| data.running())
        .transpose()?
        .flatten();
    let private = here.map(|record| {
        [
            (DATABASE_URL, record.database_url),
            (BROKER_URL, record.broker_url),
            (STORAGE_URL, Some(record.storage_url)),
        ]
    });
    let mut urls = Vec::new();
    for (setting, url) in private.into_iter().flatten() {
        if let Some(url) = settings.get(setting).map(str::to_owned).or(url) {
            urls.push((setting.name.to_owned(), url));
        }
    }
    if urls.is_empty() && (settings.get(DATABASE_URL).is_none() || settings.get(BROKER_URL).is_none()) {
        anyhow::bail!(
            "no fleet is running on {}: start it with `docfleet up`, name its folder with --data, or set DATABASE_URL and BROKER_URL",
            fleet.data.display()
        );
    }
    let given = settings
        .given()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Settings::from_pairs(given, urls)?)
}
