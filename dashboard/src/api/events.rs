//! The state of the fleet as server-sent events.

use crate::state::Dashboard;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use web::Who;

/// Interval between two snapshots. All listeners share one.
const BEAT: Duration = Duration::from_secs(2);

/// Follows the fleet: an event named `fleet` every two seconds, with what waits, runs and fails in every queue. Each tells
/// all, so none needs to be made up for.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "fleet",
    responses((status = 200, body = String, description = "Events", content_type = "text/event-stream"))
)]
pub async fn events(State(dashboard): State<Arc<Dashboard>>, who: Who) -> impl IntoResponse {
    let end = who.stream_ends(dashboard.drain.clone());
    let beat = tokio::time::interval(BEAT);
    let events = stream::unfold((dashboard, beat), |(dashboard, mut beat)| async move {
        loop {
            beat.tick().await;
            let fleet = match dashboard.fleet().await {
                Ok(fleet) => fleet,
                Err(error) => {
                    tracing::debug!(%error, "no look at the fleet");
                    continue;
                }
            };
            if let Ok(event) = Event::default().event("fleet").json_data(&*fleet) {
                return Some((Ok::<_, Infallible>(event), (dashboard, beat)));
            }
        }
    });
    Sse::new(events.take_until(end)).keep_alive(KeepAlive::default())
}
