//! Claiming a task: `ready → running` in one short statement, with a fresh token and a lease.

use crate::Broker;
use crate::error::Result;
use crate::fault::{self, Moment};
use queue_schema::{Policy, Queue, TraceId};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

/// A task that this worker may run until its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub id: Uuid,
    /// Fencing token: every write of this run must present it.
    pub token: Uuid,
    pub queue: Queue,
    pub kind: String,
    pub payload: Value,
    /// `Err`: why the stored policy cannot be parsed.
    pub policy: std::result::Result<Policy, String>,
    pub urgent: bool,
    pub rank: i64,
    pub flow: String,
    pub document: Option<Uuid>,
    pub version: i32,
    /// Number of this attempt, from 1. Runs that were handed back do not count.
    pub attempt: u32,
    pub trace: Option<TraceId>,
}

impl Claimed {
    fn from_row(row: &Row, queues: &[Queue]) -> Option<Claimed> {
        let name: &str = row.get("queue");
        Some(Claimed {
            id: row.get("id"),
            token: row.get("run_token"),
            queue: queues.iter().copied().find(|q| q.as_str() == name)?,
            kind: row.get("kind"),
            payload: row.get("payload"),
            policy: serde_json::from_value(row.get("policy")).map_err(|e| e.to_string()),
            urgent: row.get("urgent"),
            rank: row.get("rank"),
            flow: row.get("flow"),
            document: row.get("document_id"),
            version: row.get("version"),
            attempt: u32::try_from(row.get::<_, i32>("attempts")).unwrap_or_default(),
            trace: row.get::<_, Option<Uuid>>("trace_id").map(TraceId::from),
        })
    }
}

fn read(rows: &[Row], queues: &[Queue]) -> Vec<Claimed> {
    if !rows.is_empty() {
        fault::dies(Moment::Claimed);
    }
    rows.iter().filter_map(|row| Claimed::from_row(row, queues)).collect()
}

impl Broker {
    /// Claims those of `ids` that are still ready in one of `queues`. The others were claimed elsewhere, or their queue is
    /// paused.
    pub async fn claim(&self, worker: Uuid, queues: &[Queue], ids: &[Uuid]) -> Result<Vec<Claimed>> {
        let names: Vec<&str> = queues.iter().map(|q| q.as_str()).collect();
        let rows = self
            .hasty
            .get()
            .await?
            .query(
                include_str!("../sql/claim.sql"),
                &[&ids, &names, &worker, &self.lease.as_secs_f64()],
            )
            .await?;
        Ok(read(&rows, queues))
    }

    /// Claims the most urgent ready task of the first queue that has one, without asking Redis.
    pub async fn claim_next(&self, worker: Uuid, queues: &[Queue]) -> Result<Option<Claimed>> {
        let client = self.hasty.get().await?;
        for queue in queues {
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
                [&queue.as_str(), &1i64, &worker, &self.lease.as_secs_f64()];
            let rows = client.query(include_str!("../sql/claim_next.sql"), &params).await?;
            if let Some(claimed) = read(&rows, queues).pop() {
                return Ok(Some(claimed));
            }
        }
        Ok(None)
    }
}
