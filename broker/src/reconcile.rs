//! Continuously rebuilds Redis from Postgres: adds the wake-ups that should be in Redis.

use crate::Broker;
use crate::error::Result;
use crate::events::WakeDriftRepaired;
use crate::task::Enqueued;
use queue_schema::Queue;
use std::collections::HashMap;
use telemetry::Event;

/// How many tasks at the front of each queue are kept in Redis. More follow as these are processed.
const FRONT: i64 = 2000;

impl Broker {
    /// How many wake-ups of each queue are missing in Redis, given its number of ready tasks. Wake-ups that are still on the
    /// way count as missing.
    pub async fn drift(&self, ready: &[(Queue, i64)]) -> Result<HashMap<Queue, i64>> {
        let known = self.wake.counts().await?;
        let missing = |(queue, ready): &(Queue, i64)| {
            let known = known.get(queue).copied().unwrap_or_default();
            (*queue, (*ready.min(&FRONT) - known).max(0))
        };
        Ok(ready.iter().map(missing).collect())
    }

    /// Adds missing wake-ups, and returns how many there were.
    pub async fn reconcile(&self) -> Result<u64> {
        let client = self.pool.get().await?;
        let mut missing = 0;
        for queue in Queue::ALL {
            let rows = client
                .query(include_str!("../sql/waiting.sql"), &[&queue.as_str(), &FRONT])
                .await?;
            let waiting: Vec<_> = rows.iter().filter_map(Enqueued::from_row).collect();
            let repaired = WakeDriftRepaired {
                queue: *queue,
                missing: self.wake.push(&waiting).await?,
            };
            repaired.emit();
            missing += repaired.missing;
        }
        Ok(missing)
    }
}
