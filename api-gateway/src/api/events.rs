//! Changes of documents and lists as server-sent events.

use super::params::DocumentId;
use super::watch::{Snapshot, Subject, Watchers};
use crate::state::Gateway;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use web::Who;
use web::problem::{Problem, Result};

/// Follows a document: its JSON on every change of stage and progress, until it has ended.
///
/// Each event is named `document`; its id stands for the state that it tells, so that a client that comes back with
/// `Last-Event-ID` hears of changes only. One that has heard the end is told so by 204, which stops an EventSource.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/events",
    operation_id = "follow_document",
    tag = "documents",
    params(("id" = Uuid, Path), ("Last-Event-ID" = Option<String>, Header, description = "The last id that was heard")),
    responses(
        (status = 200, body = String, description = "Events", content_type = "text/event-stream"),
        (status = 204, description = "The end has been heard"),
        (status = 404, body = Problem, description = "No such document")
    )
)]
pub async fn events(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    headers: HeaderMap,
) -> Result<Response> {
    let subject = Subject::Document(id, who.sees());
    follow(gateway, &who, subject, &headers).await
}

/// Server-sent events of anything that can be followed.
pub async fn follow(gateway: Arc<Gateway>, who: &Who, subject: Subject, headers: &HeaderMap) -> Result<Response> {
    let heard = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned);
    let now = subject.look(&gateway).await?;
    if now.ended && heard.as_deref() == Some(now.id.as_str()) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let name = subject.event();
    let end = who.stream_ends(gateway.drain.clone());
    let events = snapshots(gateway, subject, now, heard)
        .take_until(end)
        .map(move |snapshot| {
            let event = Event::default().event(name).id(&snapshot.id).data(&snapshot.data);
            Ok::<_, Infallible>(event)
        });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// The current state, unless the client already has it, and then each change up to the end.
fn snapshots(
    gateway: Arc<Gateway>,
    subject: Subject,
    now: Snapshot,
    heard: Option<String>,
) -> impl Stream<Item = Arc<Snapshot>> {
    let now = Arc::new(now);
    let first = (heard.as_deref() != Some(now.id.as_str())).then(|| now.clone());
    let last = now.id.clone();
    let rest = (!now.ended).then(|| Watchers::follow(&gateway, subject));
    let changes = stream::unfold((rest, last), |(changes, last)| async move {
        let mut changes = changes?;
        loop {
            changes.changed().await.ok()?;
            let snapshot = changes.borrow_and_update().clone();
            if let Some(snapshot) = snapshot.filter(|snapshot| snapshot.id != last) {
                let id = snapshot.id.clone();
                return Some((snapshot, (Some(changes), id)));
            }
        }
    });
    stream::iter(first).chain(changes)
}
