//! Redis is rebuilt from Postgres, all the time: what should be in it is put into it.

use crate::Broker;
use crate::error::Result;
use crate::events::WakeDriftRepaired;
use crate::task::Enqueued;
use queue_schema::Queue;
use std::collections::HashMap;
use telemetry::Event;

/// The front of each queue that is kept in Redis; more follows as it is worked off.
const FRONT: i64 = 2000;

impl Broker {
    /// How many tasks of each queue Redis should know and does not, where so many are ready. What is just on its way there
    /// counts as well.
    pub async fn drift(&self, ready: &[(Queue, i64)]) -> Result<HashMap<Queue, i64>> {
        let known = self.wake.counts().await?;
        let missing = |(queue, ready): &(Queue, i64)| {
            let known = known.get(queue).copied().unwrap_or_default();
            (*queue, (*ready.min(&FRONT) - known).max(0))
        };
        Ok(ready.iter().map(missing).collect())
    }

    /// Returns how many wake-ups were missing.
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
