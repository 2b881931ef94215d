//! A document as the public API shows it, with its stages and why each waits.

use crate::Store;
use crate::documents::Document;
use crate::error::{Error, Result};
use crate::reach::Reach;
use broker::{StageTasks, stages_of_documents};
use chrono::{DateTime, Utc};
use queue_schema::document::{Category, DocumentError, DocumentStatus, ErrorCode, Source, Stage};
use queue_schema::{TraceId, names};
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

#[derive(Debug, Clone, Serialize)]
pub struct DocumentView {
    pub id: Uuid,
    pub file_name: String,
    pub content_type: String,
    pub size_bytes: i64,
    pub sha256: String,
    pub project: String,
    pub status: DocumentStatus,
    pub error: Option<DocumentError>,
    pub page_count: Option<i32>,
    pub pages_read: i64,
    pub languages: String,
    pub urgent: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub parent: Option<Uuid>,
    pub children: Vec<Uuid>,
    pub warnings: Vec<Warning>,
    pub duplicate_of: Option<Uuid>,
    pub category: Option<Category>,
    pub metadata: Value,
    pub stages: Vec<StageView>,
    pub trace: Option<TraceId>,
}

/// A problem despite which the document was processed further.
#[derive(Debug, Clone, Serialize)]
pub struct Warning {
    pub code: ErrorCode,
    pub message: String,
    pub page: Option<u32>,
}

names! {
    StageState {
        Waiting = "waiting",
        Running = "running",
        Done = "done",
        Failed = "failed",
        Skipped = "skipped",
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct StageView {
    pub stage: Stage,
    pub state: StageState,
    pub tasks: TaskCounts,
    /// Why the stage is not running or not done, in one sentence.
    pub why: Option<String>,
    pub work_ms: i64,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TaskCounts {
    pub total: i64,
    pub done: i64,
    pub failed: i64,
}

impl Store {
    /// A document as a caller with this reach sees it.
    pub async fn view(&self, id: Uuid, reach: &Reach) -> Result<DocumentView> {
        let document = self.document(id).await?;
        if !reach.covers(&document) {
            return Err(Error::NoDocument(id));
        }
        let mut views = self.views(vec![document], reach).await?;
        views.pop().ok_or(Error::NoDocument(id))
    }

    /// Views of the documents, in the given order. Reasons for waiting are looked up for unfinished documents only.
    pub async fn views(&self, mut documents: Vec<Document>, reach: &Reach) -> Result<Vec<DocumentView>> {
        self.hide_duplicates(&mut documents, reach).await?;
        let ids: Vec<Uuid> = documents.iter().map(|d| d.id).collect();
        let rows = stages_of_documents(&**self.client().await?, &ids).await?;
        let mut tasks: HashMap<(Uuid, Stage), StageTasks> =
            rows.into_iter().map(|t| ((t.document, t.stage), t)).collect();
        let mut children = self.children(&ids).await?;
        let mut warnings = self.warnings(&ids).await?;
        let mut views = Vec::with_capacity(documents.len());
        for document in documents {
            let mut stages = Vec::with_capacity(Stage::ALL.len());
            let (mut pages_read, mut started, mut current) = (document.pages_read, false, false);
            for stage in Stage::ALL {
                let tasks = tasks.remove(&(document.id, *stage));
                // From the stage at which a retry started, tasks of earlier versions no longer count.
                let is_current = tasks.as_ref().is_some_and(|t| t.version == document.version);
                current |= is_current;
                let tasks = tasks.filter(|_| is_current || !current);
                if *stage == Stage::Ocr && !document.status.is_terminal() {
                    pages_read += tasks.as_ref().map_or(0, |t| t.progress_done);
                }
                started |= is_current && tasks.as_ref().is_some_and(|t| t.started_at.is_some());
                stages.push(self.stage_view(&document, *stage, tasks).await?);
            }
            let pages_read = document.page_count.map_or(0, |all| pages_read.min(i64::from(all)));
            let status = match document.status {
                DocumentStatus::Queued if started => DocumentStatus::Processing,
                status => status,
            };
            views.push(DocumentView {
                id: document.id,
                file_name: document.file_name,
                content_type: document.content_type,
                size_bytes: document.size_bytes,
                sha256: document.sha256,
                project: document.project,
                status,
                error: document.error,
                page_count: document.page_count,
                pages_read,
                languages: document.languages,
                urgent: document.urgent,
                created_at: document.created_at,
                updated_at: document.updated_at,
                finished_at: document.finished_at,
                parent: document.parent,
                children: children.remove(&document.id).unwrap_or_default(),
                warnings: warnings.remove(&document.id).unwrap_or_default(),
                duplicate_of: document.duplicate_of,
                category: document.category,
                metadata: document.metadata,
                stages,
                trace: document.trace,
            });
        }
        Ok(views)
    }

    /// Hides `duplicate_of` if the older document was uploaded with another key. Projects need no check: a duplicate is always
    /// in the same project.
    async fn hide_duplicates(&self, documents: &mut [Document], reach: &Reach) -> Result<()> {
        let Some(key) = reach.uploaded_by else {
            return Ok(());
        };
        let older: Vec<Uuid> = documents.iter().filter_map(|document| document.duplicate_of).collect();
        let client = self.client().await?;
        let rows = client
            .query(include_str!("../sql/older_of_key.sql"), &[&older, &key])
            .await?;
        let own: HashSet<Uuid> = rows.iter().map(|row| row.get("id")).collect();
        for document in documents {
            document.duplicate_of = document.duplicate_of.filter(|older| own.contains(older));
        }
        Ok(())
    }

    async fn children(&self, of: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
        let client = self.client().await?;
        let mut children = HashMap::<_, Vec<_>>::new();
        for row in client.query(include_str!("../sql/children.sql"), &[&of]).await? {
            children.entry(row.get("parent")).or_default().push(row.get("id"));
        }
        Ok(children)
    }

    /// The first few unreadable pages of each document.
    async fn warnings(&self, of: &[Uuid]) -> Result<HashMap<Uuid, Vec<Warning>>> {
        const MOST: i64 = 20;
        let client = self.client().await?;
        let statement = include_str!("../sql/unreadable_pages_among.sql");
        let mut warnings = HashMap::<_, Vec<_>>::new();
        for row in client.query(statement, &[&of, &MOST]).await? {
            let error: DocumentError = serde_json::from_value(row.get("error"))?;
            let warning = Warning {
                code: error.code,
                message: error.message,
                page: u32::try_from(row.get::<_, i32>("page")).ok(),
            };
            warnings.entry(row.get("document_id")).or_default().push(warning);
        }
        Ok(warnings)
    }

    async fn stage_view(&self, document: &Document, stage: Stage, tasks: Option<StageTasks>) -> Result<StageView> {
        let empty = |state, why: Option<&str>| StageView {
            stage,
            state,
            tasks: TaskCounts::default(),
            why: why.map(str::to_owned),
            work_ms: 0,
            started_at: None,
            finished_at: None,
        };
        let Some(tasks) = tasks else {
            let given = document
                .category
                .as_ref()
                .is_some_and(|c| matches!(c.source, Source::Upload | Source::User));
            return Ok(if stage == Stage::Categorize && given {
                empty(StageState::Skipped, Some("the category was given at upload"))
            } else if document.status.is_terminal() {
                empty(StageState::Skipped, Some("the document ended before this stage"))
            } else {
                empty(StageState::Waiting, Some("waits for the stage before it"))
            });
        };
        let live = tasks.running + tasks.waiting;
        let failed_here = document.status == DocumentStatus::Failed
            && document.error.as_ref().is_some_and(|e| e.stage == Some(stage));
        // Between the end of one task and the start of the next, a stage that has begun has only waiting tasks, and still
        // counts as running.
        let state = match () {
            () if failed_here => StageState::Failed,
            () if tasks.running > 0 => StageState::Running,
            () if live > 0 && tasks.done > 0 => StageState::Running,
            () if live > 0 => StageState::Waiting,
            () if tasks.cancelled == tasks.total => StageState::Skipped,
            () => StageState::Done,
        };
        let why = match tasks.first_waiting {
            Some(task) if tasks.running == 0 && !document.status.is_terminal() => {
                let why = self.broker().why(task).await?;
                why.first().map(ToString::to_string)
            }
            _ if failed_here => document.error.as_ref().map(|e| e.message.clone()),
            _ => None,
        };
        Ok(StageView {
            stage,
            state,
            tasks: TaskCounts {
                total: tasks.total,
                done: tasks.done,
                failed: tasks.failed,
            },
            why,
            work_ms: tasks.work_ms,
            started_at: tasks.started_at,
            finished_at: if live == 0 { tasks.finished_at } else { None },
        })
    }
}
