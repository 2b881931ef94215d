//! Reads which task would be claimed next, for workers that have no free slot.

use crate::Broker;
use crate::error::Result;
use crate::postgres::Asked;
use queue_schema::Queue;
use uuid::Uuid;

/// The task that an idle worker would claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextInLine {
    pub urgent: bool,
    pub document: Option<Uuid>,
    /// How many steps it has; 1 if unknown.
    pub steps: u32,
}

impl Broker {
    /// The task that a worker of `queues`, in their order, would claim if it had a free slot. Paused queues are skipped.
    pub async fn next_in_line(&self, queues: &[Queue]) -> Result<Option<NextInLine>> {
        let names: Vec<&str> = queues.iter().map(|q| q.as_str()).collect();
        let client = Asked::of(&self.hasty).await?;
        let next = client
            .query_opt(include_str!("../sql/next_in_line.sql"), &[&names])
            .await;
        client.answered();
        Ok(next?.map(|row| NextInLine {
            urgent: row.get("urgent"),
            document: row.get("document_id"),
            steps: row
                .get::<_, Option<i32>>("steps")
                .map_or(1, |steps| steps.max(1).unsigned_abs()),
        }))
    }
}
