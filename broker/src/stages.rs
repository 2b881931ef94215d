//! The tasks of a document by stage, to decide which tasks follow and to explain why the document waits.

use crate::error::Result;
use chrono::{DateTime, Utc};
use queue_schema::document::Stage;
use tokio_postgres::{GenericClient, Transaction};
use uuid::Uuid;

/// The tasks of one stage of one document, in their newest version.
#[derive(Debug, Clone, PartialEq)]
pub struct StageTasks {
    pub document: Uuid,
    pub stage: Stage,
    pub version: i32,
    pub total: i64,
    pub done: i64,
    pub failed: i64,
    pub cancelled: i64,
    pub running: i64,
    pub waiting: i64,
    pub work_ms: i64,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Pages (or steps) done by the runs in progress.
    pub progress_done: i64,
    pub first_waiting: Option<Uuid>,
}

/// How many tasks of this stage have not ended.
pub async fn live_in_stage(tx: &Transaction<'_>, document: Uuid, stage: Stage, version: i32) -> Result<i64> {
    let row = tx
        .query_one(
            include_str!("../sql/live_in_stage.sql"),
            &[&document, &stage.as_str(), &version],
        )
        .await?;
    Ok(row.get(0))
}

/// Milliseconds of work, without waiting, spent on this version of the document.
pub async fn work_of_document(tx: &Transaction<'_>, document: Uuid, version: i32) -> Result<i64> {
    Ok(tx
        .query_one(include_str!("../sql/work_of_document.sql"), &[&document, &version])
        .await?
        .get(0))
}

pub async fn stages_of_documents(client: &impl GenericClient, documents: &[Uuid]) -> Result<Vec<StageTasks>> {
    let rows = client
        .query(include_str!("../sql/stages_of_documents.sql"), &[&documents])
        .await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            Some(StageTasks {
                document: row.get("document_id"),
                stage: row.get::<_, &str>("stage").parse().ok()?,
                version: row.get("version"),
                total: row.get("total"),
                done: row.get("done"),
                failed: row.get("failed"),
                cancelled: row.get("cancelled"),
                running: row.get("running"),
                waiting: row.get("waiting"),
                work_ms: row.get("work_ms"),
                started_at: row.get("started_at"),
                finished_at: row.get("finished_at"),
                progress_done: row.get("progress_done"),
                first_waiting: row.get("first_waiting"),
            })
        })
        .collect())
}
