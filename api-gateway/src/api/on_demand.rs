//! Files that are made when they are asked for: a worker is asked, and the request waits for a while.

use crate::app::Gateway;
use crate::problem::{Problem, Result};
use axum::http::StatusCode;
use queue_schema::Payload;
use std::time::Duration;
use store::{Artefact, Document};
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How long a request waits for a worker.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks; Postgres sends no signal when a file is there.
const PAUSE: Duration = Duration::from_millis(200);

/// What is to be made.
pub struct Wanted<'a> {
    /// The artefact's name.
    pub name: &'a str,
    /// Names it among what this kind of task makes of the document.
    pub what: &'a str,
}

/// The file, made now where it was not there.
///
/// # Errors
/// 202 where it is still being made: the client may ask again.
pub async fn made<P: Payload>(
    gateway: &Gateway,
    document: &Document,
    payload: &P,
    wanted: &Wanted<'_>,
) -> Result<Artefact> {
    if let Some(artefact) = gateway.store.artefact(document.id, wanted.name).await? {
        return Ok(artefact);
    }
    gateway.store.ask(document, payload, wanted.what).await?;
    let deadline = Instant::now() + PATIENCE;
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < deadline {
        tokio::select! {
            _ = look.tick() => {}
            () = gateway.drain.cancelled() => break,
        }
        if let Some(artefact) = gateway.store.artefact(document.id, wanted.name).await? {
            return Ok(artefact);
        }
    }
    Err(Problem::new(
        StatusCode::ACCEPTED,
        "being_made",
        format!("{} of {:?} is being made; ask again", wanted.name, document.file_name),
    )
    .retry_after(Duration::from_secs(5)))
}
