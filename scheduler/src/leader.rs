//! Leader election: the leader holds an advisory lock of Postgres, on a connection of its own, as long as that connection
//! lives.

use crate::condition::Condition;
use crate::events::LeadershipChanged;
use deadpool_postgres::{ClientWrapper, Object, Pool};
use std::time::Duration;
use telemetry::Event;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Interval at which the leader checks its lock and the others try to take it.
const LOOK: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(5);
/// "beat" in ASCII.
const LOCK: i64 = 0x6265_6174;

/// Tries to become and stay leader until `stop`, and reports in `leads` whether this process leads.
pub(crate) async fn campaign(pool: Pool, leads: watch::Sender<bool>, stop: CancellationToken) {
    let mut condition = Condition::default();
    let mut held: Option<ClientWrapper> = None;
    loop {
        let round = async {
            match held.take() {
                Some(client) => hold(client).await.map(Some),
                None => seize(&pool).await,
            }
        };
        let Some(outcome) = stop.run_until_cancelled(round).await else {
            return;
        };
        condition.note("lead", &outcome);
        held = outcome.unwrap_or_default();
        tell(&leads, held.is_some());
        let _ = tokio::time::timeout(LOOK, stop.cancelled()).await;
    }
}

fn tell(leads: &watch::Sender<bool>, now: bool) {
    let changed = leads.send_if_modified(|before| std::mem::replace(before, now) != now);
    if changed {
        LeadershipChanged { leads: now }.emit();
    }
}

/// Checks that the connection, and with it the lock, is still alive. Dropping the connection releases the lock.
async fn hold(client: ClientWrapper) -> broker::Result<ClientWrapper> {
    in_time(client.simple_query("SELECT 1")).await?;
    Ok(client)
}

async fn seize(pool: &Pool) -> broker::Result<Option<ClientWrapper>> {
    let client = pool.get().await?;
    let answer = in_time(client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK])).await;
    match answer.map(|row| row.get::<_, bool>(0)) {
        Ok(false) => Ok(None),
        // Taken out of the pool, where the connection, and so the lock, would outlive our leadership.
        Ok(true) => Ok(Some(Object::take(client))),
        // The lock may still be granted after the time-out, so this connection must not return to the pool either.
        Err(error) => {
            drop(Object::take(client));
            Err(error)
        }
    }
}

async fn in_time<T>(query: impl Future<Output = Result<T, tokio_postgres::Error>>) -> broker::Result<T> {
    match tokio::time::timeout(PATIENCE, query).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(broker::Error::other(format!(
            "Postgres did not answer within {PATIENCE:?}"
        ))),
    }
}
