//! One scheduler leads: it holds an advisory lock of Postgres, on a connection of its own, for as long as that lives.

use crate::condition::Condition;
use crate::events::LeadershipChanged;
use deadpool_postgres::{ClientWrapper, Object, Pool};
use std::time::Duration;
use telemetry::Event;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two looks at one's own lock, or at another's.
const LOOK: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(5);
/// "beat" in ASCII.
const LOCK: i64 = 0x6265_6174;

/// Tries to lead until `stop`, and says in `leads` whether it does.
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

/// The connection, while it lives and with it the lock. Dropped, it gives the lock back.
async fn hold(client: ClientWrapper) -> broker::Result<ClientWrapper> {
    in_time(client.simple_query("SELECT 1")).await?;
    Ok(client)
}

async fn seize(pool: &Pool) -> broker::Result<Option<ClientWrapper>> {
    let client = pool.get().await?;
    let answer = in_time(client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK])).await;
    match answer.map(|row| row.get::<_, bool>(0)) {
        Ok(false) => Ok(None),
        // Out of the pool: there the lock would outlive us,
        Ok(true) => Ok(Some(Object::take(client))),
        // and so would one that is granted after we gave up waiting.
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
