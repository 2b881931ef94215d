//! Pausing and resuming queues.

use crate::Broker;
use crate::error::Result;
use queue_schema::Queue;

impl Broker {
    /// No task of the queue starts until it is resumed; what runs goes on.
    pub async fn pause(&self, queue: Queue, who: &str) -> Result<()> {
        self.pool
            .get()
            .await?
            .execute(include_str!("../sql/pause.sql"), &[&queue.as_str(), &who])
            .await?;
        Ok(())
    }

    pub async fn resume(&self, queue: Queue) -> Result<()> {
        self.pool
            .get()
            .await?
            .execute(include_str!("../sql/resume.sql"), &[&queue.as_str()])
            .await?;
        // Wake-ups that came during the pause were dropped.
        self.reconcile().await?;
        Ok(())
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
