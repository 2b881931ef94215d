//! Pausing and resuming queues.

use crate::Broker;
use crate::audit;
use crate::error::Result;
use queue_schema::Queue;
use serde_json::Value;

impl Broker {
    /// Pauses a queue: none of its tasks starts until it is resumed; running tasks go on. `false`: it was already paused.
    pub async fn pause(&self, queue: Queue, who: &str) -> Result<bool> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let statement = include_str!("../sql/pause.sql");
        let changed = tx.execute(statement, &[&queue.as_str(), &who]).await? > 0;
        if changed {
            audit::note(&tx, who, "queue.pause", queue.as_str(), &Value::Null).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Resumes a queue. `false`: it was not paused.
    pub async fn resume(&self, queue: Queue, who: &str) -> Result<bool> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let statement = include_str!("../sql/resume.sql");
        let changed = tx.execute(statement, &[&queue.as_str()]).await? > 0;
        if changed {
            audit::note(&tx, who, "queue.resume", queue.as_str(), &Value::Null).await?;
        }
        tx.commit().await?;
        drop(client);
        // Wake-ups during the pause were dropped, so they are repeated now. Without Redis the poll finds the tasks.
        if let Err(error) = self.reconcile().await {
            tracing::warn!(%error, %queue, "resumed, but wake-ups are not delivered");
        }
        Ok(changed)
    }

    pub async fn paused(&self) -> Result<Vec<Queue>> {
        let rows = self
            .hasty
            .get()
            .await?
            .query(include_str!("../sql/paused.sql"), &[])
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| row.get::<_, &str>(0).parse().ok())
            .collect())
    }
}
