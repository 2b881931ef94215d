//! The worker's heartbeat: reports the worker's condition, and learns whether the worker should drain.

use crate::pool::Pool;
use boot::Space;
use broker::{Broker, Condition, Registration};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const BEAT: Duration = Duration::from_secs(5);

/// Sends heartbeats until the worker ends. `drain` is cancelled when an operator asks this worker to drain.
pub async fn beat(broker: Broker, worker: Registration, pool: Pool, space: Arc<Space>, drain: CancellationToken) {
    let mut beat = tokio::time::interval(BEAT);
    let mut away = false;
    loop {
        beat.tick().await;
        let condition = Condition {
            shortage: space.shortage(),
            ..pool.condition()
        };
        let heard = match broker.heartbeat(worker.id, &condition).await {
            Ok(Some(asked_to_drain)) => Ok(asked_to_drain),
            Ok(None) => broker.register(&worker).await.map(|()| false),
            Err(error) => Err(error),
        };
        let was_away = std::mem::replace(&mut away, heard.is_err());
        match heard {
            Ok(true) if !drain.is_cancelled() => {
                tracing::info!("asked to drain");
                drain.cancel();
            }
            Ok(_) => {}
            Err(error) if !was_away => {
                tracing::warn!(%error, "heartbeat not written; it is tried again until it works")
            }
            Err(_) => {}
        }
    }
}
