//! Worker processes: registration, heartbeats and draining.

use crate::Broker;
use crate::audit;
use crate::error::Result;
use queue_schema::{Queue, Shortage};
use serde_json::{Value, json};
use uuid::Uuid;

/// A worker process, as it registers.
#[derive(Debug, Clone)]
pub struct Registration {
    pub id: Uuid,
    pub name: String,
    pub host: String,
    pub queues: Vec<Queue>,
}

/// The condition of a worker process, as stored in its row.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    /// What each of its children does.
    pub slots: Value,
    /// How many children were replaced, by cause.
    pub recycles: Value,
    /// The sandbox of its child processes, once that is known.
    pub sandbox: Option<Value>,
    /// The full disk because of which the worker waits.
    pub shortage: Option<Shortage>,
}

impl Broker {
    pub async fn register(&self, worker: &Registration) -> Result<()> {
        let queues: Vec<&str> = worker.queues.iter().map(|q| q.as_str()).collect();
        let pid = i32::try_from(std::process::id()).unwrap_or_default();
        self.hasty
            .get()
            .await?
            .execute(
                include_str!("../sql/register_worker.sql"),
                &[&worker.id, &worker.name, &worker.host, &pid, &queues],
            )
            .await?;
        Ok(())
    }

    /// Returns whether the worker is asked to drain. `None`: the worker has no row (any more) and should register again.
    pub async fn heartbeat(&self, worker: Uuid, condition: &Condition) -> Result<Option<bool>> {
        let Condition {
            slots,
            recycles,
            sandbox,
            shortage,
        } = condition;
        let shortage = shortage.as_ref().map(serde_json::to_value).transpose()?;
        let row = self
            .hasty
            .get()
            .await?
            .query_opt(
                include_str!("../sql/heartbeat.sql"),
                &[&worker, slots, recycles, sandbox, &shortage],
            )
            .await?;
        Ok(row.map(|row| row.get("drain")))
    }

    pub async fn forget(&self, worker: Uuid) -> Result<()> {
        self.hasty
            .get()
            .await?
            .execute(include_str!("../sql/forget_worker.sql"), &[&worker])
            .await?;
        Ok(())
    }

    /// Asks a worker to finish its running tasks and stop. Returns whether there is such a worker.
    pub async fn drain(&self, worker: Uuid, who: &str) -> Result<bool> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let Some(row) = tx
            .query_opt(include_str!("../sql/drain_worker.sql"), &[&worker])
            .await?
        else {
            return Ok(false);
        };
        let detail = json!({"name": row.get::<_, &str>("name"), "host": row.get::<_, &str>("host")});
        audit::note(&tx, who, "worker.drain", &worker.to_string(), &detail).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Removes workers that sent no heartbeat for a day.
    pub async fn forget_silent(&self) -> Result<u64> {
        Ok(self
            .pool
            .get()
            .await?
            .execute(include_str!("../sql/forget_silent_workers.sql"), &[])
            .await?)
    }
}
