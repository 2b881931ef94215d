//! Documents' rows: created in one commit with the first task, ended, and deleted.

use crate::bytes::Stored;
use crate::error::{Error, Result};
use crate::{Store, flow};
use broker::fault::{self, Moment};
use broker::{NewTask, audit};
use chrono::{DateTime, Utc};
use queue_schema::TraceId;
use queue_schema::document::{Category, DocumentError, DocumentStatus, Source};
use queue_schema::payload::DeleteDocument;
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

/// An upload whose bytes are stored.
#[derive(Debug, Clone)]
pub struct NewDocument {
    pub id: Uuid,
    pub project: String,
    pub file_name: String,
    pub content_type: String,
    pub stored: Stored,
    /// Tesseract's names joined by `+`; `None`: the setting OCR_LANGUAGES.
    pub languages: Option<String>,
    pub force_ocr: bool,
    pub urgent: bool,
    /// The category that was given with the upload.
    pub category: Option<String>,
    pub metadata: Value,
    pub idempotency_key: Option<String>,
    /// The API key of the upload, if keys are required.
    pub uploaded_by: Option<Uuid>,
    /// Hash of everything in the upload request, to compare uploads with the same idempotency key.
    pub fingerprint: String,
    pub trace: TraceId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    New(Uuid),
    /// The idempotency key was used before for the same upload. This is its document; the new bytes are not needed.
    Known(Uuid),
    /// The idempotency key was used before for a different upload, which created this document.
    Other(Uuid),
}

#[derive(Debug, Clone)]
pub struct Document {
    pub id: Uuid,
    pub project: String,
    pub file_name: String,
    pub content_type: String,
    pub size_bytes: i64,
    pub sha256: String,
    /// The object that holds the upload.
    pub original: String,
    pub languages: String,
    pub force_ocr: bool,
    pub urgent: bool,
    pub metadata: Value,
    pub uploaded_by: Option<Uuid>,
    pub duplicate_of: Option<Uuid>,
    /// The document that it was taken from.
    pub parent: Option<Uuid>,
    pub status: DocumentStatus,
    pub error: Option<DocumentError>,
    pub version: i32,
    pub page_count: Option<i32>,
    pub pages_read: i64,
    pub category: Option<Category>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// `None` for documents that are older than trace ids.
    pub trace: Option<TraceId>,
}

impl Document {
    pub(crate) fn from_row(row: &Row) -> Result<Document> {
        let json = |name: &str| row.get::<_, Option<Value>>(name);
        Ok(Document {
            id: row.get("id"),
            project: row.get("project"),
            file_name: row.get("file_name"),
            content_type: row.get("content_type"),
            size_bytes: row.get("size_bytes"),
            sha256: row.get("sha256"),
            original: row.get("original"),
            languages: row.get("languages"),
            force_ocr: row.get("force_ocr"),
            urgent: row.get("urgent"),
            metadata: row.get("metadata"),
            uploaded_by: row.get("uploaded_by"),
            duplicate_of: row.get("duplicate_of"),
            parent: row.get("parent"),
            status: row.get::<_, &str>("status").parse().map_err(broker::Error::other)?,
            error: json("error").map(serde_json::from_value).transpose()?,
            version: row.get("version"),
            page_count: row.get("page_count"),
            pages_read: row.get("pages_read"),
            // A category that cannot be parsed counts as none, so it is found again.
            category: json("category").and_then(|category| serde_json::from_value(category).ok()),
            created_at: row.get("created_at"),
            updated_at: row.get("updated_at"),
            finished_at: row.get("finished_at"),
            trace: row.get::<_, Option<Uuid>>("trace_id").map(TraceId::from),
        })
    }
}

impl Store {
    /// Accepts a document: inserts its row and its first task in one commit.
    pub async fn create(&self, new: &NewDocument) -> Result<Created> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let category = new.category.as_ref().map(|name| Category {
            name: name.clone(),
            confidence: 1.0,
            source: Source::Upload,
        });
        let inserted = tx
            .execute(
                include_str!("../sql/insert_document.sql"),
                &[
                    &new.id,
                    &new.project,
                    &new.file_name,
                    &new.content_type,
                    &i64::try_from(new.stored.size).unwrap_or(i64::MAX),
                    &new.stored.sha256,
                    &new.stored.object,
                    &new.languages.as_ref().unwrap_or(&self.defaults.languages),
                    &new.force_ocr,
                    &new.urgent,
                    &new.metadata,
                    &new.idempotency_key,
                    &category.map(serde_json::to_value).transpose()?,
                    &Uuid::from(new.trace),
                    &new.uploaded_by,
                    &new.fingerprint,
                ],
            )
            .await?;
        if inserted == 0 {
            let row = tx
                .query_one(
                    include_str!("../sql/document_by_key.sql"),
                    &[
                        &new.uploaded_by,
                        &new.idempotency_key,
                        &new.fingerprint,
                        &new.stored.sha256,
                    ],
                )
                .await?;
            let id = row.get("id");
            return Ok(if row.get("same") {
                Created::Known(id)
            } else {
                Created::Other(id)
            });
        }
        let first = flow::open_task(new.id, 1, &new.project, new.urgent)?.traced(Some(new.trace));
        let woken = self.broker.enqueue(&*tx, &[first]).await?;
        tx.commit().await?;
        fault::dies(Moment::Accepted);
        self.broker.wake().push_or_leave(&woken).await;
        Ok(Created::New(new.id))
    }

    pub async fn document(&self, id: Uuid) -> Result<Document> {
        let row = self
            .client()
            .await?
            .query_opt(include_str!("../sql/document.sql"), &[&id])
            .await?;
        Document::from_row(&row.ok_or(Error::NoDocument(id))?)
    }

    /// `None`: there is no such document.
    pub(crate) async fn project_of(&self, id: Uuid) -> Result<Option<String>> {
        let row = self
            .client()
            .await?
            .query_opt(include_str!("../sql/project_of_document.sql"), &[&id])
            .await?;
        Ok(row.map(|row| row.get("project")))
    }

    /// Cancels a document: its waiting tasks end at once, its running tasks at their next renewal. `false`: it had already
    /// ended.
    pub async fn cancel(&self, id: Uuid, who: &str) -> Result<bool> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        broker::lock(&tx, id).await?;
        let error = DocumentError::new(
            queue_schema::document::ErrorCode::Cancelled,
            format!("cancelled by {who}"),
        );
        let ended = flow::finish(&tx, id, DocumentStatus::Cancelled, Some(&error)).await?;
        broker::cancel_document(&tx, id, &error.message).await?;
        if ended {
            broker::audit::note(&tx, who, "document.cancel", &id.to_string(), &Value::Null).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// Hides a document at once. A task in the queue maintenance then removes its rows and bytes.
    pub async fn delete(&self, id: Uuid, who: &str) -> Result<()> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        broker::lock(&tx, id).await?;
        broker::cancel_document(&tx, id, "the document was deleted").await?;
        let marked = tx.query_opt(include_str!("../sql/mark_deleted.sql"), &[&id]).await?;
        let trace: Option<Uuid> = marked.ok_or(Error::NoDocument(id))?.get("trace_id");
        let task = NewTask::new(&DeleteDocument { document: id })?
            .unique(format!("delete:{id}"))
            .traced(trace.map(TraceId::from));
        let woken = self.broker.enqueue(&*tx, &[task]).await?;
        audit::note(&tx, who, "document.delete", &id.to_string(), &json!({})).await?;
        tx.commit().await?;
        self.broker.wake().push_or_leave(&woken).await;
        Ok(())
    }

    /// Removes the bytes of a deleted document. The task removes the rows in its own transaction.
    pub async fn remove_bytes(&self, id: Uuid) -> Result<usize> {
        self.bytes.remove_document(id).await
    }

    pub async fn remove_rows(&self, tx: &tokio_postgres::Transaction<'_>, id: Uuid) -> Result<()> {
        tx.execute(include_str!("../sql/remove_document.sql"), &[&id]).await?;
        Ok(())
    }
}
