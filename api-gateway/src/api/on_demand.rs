//! Files made on demand: a task is enqueued for a worker, and the request waits for a while.

use crate::state::Gateway;
use axum::http::StatusCode;
use queue_schema::Payload;
use std::time::Duration;
use store::{Artefact, Document};
use tokio::time::{Instant, MissedTickBehavior, interval};
use uuid::Uuid;
use web::problem::{Problem, Result};

/// How long a request waits for a worker.
const PATIENCE: Duration = Duration::from_secs(60);
/// Interval between two polls. Postgres sends no signal when a file is there.
const PAUSE: Duration = Duration::from_millis(200);

/// The file to make.
pub struct Wanted<'a> {
    /// The artefact's name.
    pub name: &'a str,
    /// Distinguishes it from the other files that this kind of task makes of the document.
    pub what: &'a str,
}

/// The file. Makes it now if it does not exist.
///
/// # Errors
/// 202 while it is still being made: the client may ask again. 409 if it could not be made.
pub async fn make<P: Payload>(
    gateway: &Gateway,
    document: &Document,
    payload: &P,
    wanted: &Wanted<'_>,
) -> Result<Artefact> {
    if let Some(artefact) = gateway.store.artefact(document.id, wanted.name).await? {
        return Ok(artefact);
    }
    let task = gateway.store.ask(document, payload, wanted.what).await?;
    let deadline = Instant::now() + PATIENCE;
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < deadline {
        tokio::select! {
            _ = look.tick() => {}
            () = gateway.drain.cancelled() => break,
        }
        // The task is checked before the file: both are committed together, so an ended task without a file has failed.
        let ended = match task {
            Some(task) => ended(gateway, task).await?,
            None => None,
        };
        if let Some(artefact) = gateway.store.artefact(document.id, wanted.name).await? {
            return Ok(artefact);
        }
        if let Some(why) = ended {
            let detail = format!("{} of {:?} could not be made: {why}", wanted.name, document.file_name);
            return Err(Problem::conflict("could_not_be_made", detail));
        }
    }
    Err(Problem::new(
        StatusCode::ACCEPTED,
        "being_made",
        format!("{} of {:?} is being made; ask again", wanted.name, document.file_name),
    )
    .retry_after(Duration::from_secs(5)))
}

/// Why a task made no file, once the task has ended.
async fn ended(gateway: &Gateway, task: Uuid) -> Result<Option<String>> {
    let task = gateway.store.task(task).await?.task;
    if !task.state.is_terminal() {
        return Ok(None);
    }
    let why = task.message().map(str::to_owned);
    Ok(Some(why.unwrap_or_else(|| format!("its task is {}", task.state))))
}
