//! Which task follows which: `ocr → categorize → extract → finalize`.
//!
//! This is decided from rows alone, in the transaction that ends a task, under the document's lock. So the process that ends
//! the last page, whether done or dead, sees that it was the last. No other code decides the order of stages.

use crate::error::{Error, Result};
use crate::pages::{Shape, begin_reading, first_unread};
use broker::{Ended, Follow, NewTask, live_in_stage, work_of_document};
use futures_util::future::BoxFuture;
use queue_schema::document::{Category, DocumentError, DocumentStatus, ErrorCode, Source, Stage};
use queue_schema::payload::{CategorizeDocument, ExtractFields, FinalizeDocument, OpenDocument, ReadPages};
use queue_schema::{Outcome, Payload, State};
use serde::Deserialize;
use serde_json::Value;
use settings::{ALWAYS_GENERATE_SANDWICH_PDF, DOCUMENT_WORKFLOW_TIME_LIMIT, Settings};
use std::time::Duration;
use tokio_postgres::Transaction;
use uuid::Uuid;

/// Decides which tasks follow when a document's task has ended.
#[derive(Debug, Clone)]
pub struct DocumentFlow {
    searchable_pdf: bool,
    work_limit: Duration,
}

/// What the flow needs to know about a document.
pub(crate) struct FlowState {
    pub status: DocumentStatus,
    pub version: i32,
    pub category: Option<Category>,
    pub page_count: Option<i32>,
    /// At least one.
    pub pages_per_task: u32,
    pub project: String,
    pub languages: String,
    pub force_ocr: bool,
    pub urgent: bool,
}

impl FlowState {
    pub(crate) async fn load(tx: &Transaction<'_>, document: Uuid) -> Result<Option<FlowState>> {
        let Some(row) = tx
            .query_opt(include_str!("../sql/flow_state.sql"), &[&document])
            .await?
        else {
            return Ok(None);
        };
        Ok(Some(FlowState {
            status: row.get::<_, &str>("status").parse().map_err(broker::Error::other)?,
            version: row.get("version"),
            // A category that cannot be parsed counts as none, so it is found again.
            category: row
                .get::<_, Option<Value>>("category")
                .and_then(|category| serde_json::from_value(category).ok()),
            page_count: row.get("page_count"),
            pages_per_task: u32::try_from(row.get::<_, i32>("pages_per_task"))
                .unwrap_or_default()
                .max(1),
            project: row.get("project"),
            languages: row.get("languages"),
            force_ocr: row.get("force_ocr"),
            urgent: row.get("urgent"),
        }))
    }

    /// Whether the category was given at upload or by a user, so that the stage categorize is skipped.
    fn category_was_given(&self) -> bool {
        self.category
            .as_ref()
            .is_some_and(|c| matches!(c.source, Source::Upload | Source::User))
    }
}

/// The first task of a document.
pub(crate) fn open_task(document: Uuid, version: i32, project: &str, urgent: bool) -> Result<NewTask> {
    stage_task(&OpenDocument { document }, document, version, project, urgent)
}

fn stage_task<P: Payload>(payload: &P, document: Uuid, version: i32, flow: &str, urgent: bool) -> Result<NewTask> {
    Ok(NewTask::new(payload)?
        .of_document(document, version)
        .in_flow(flow)
        .urgent(urgent)
        .unique(format!("{}:{document}:{version}", P::KIND)))
}

/// Pages `first..=last` as one task. A document's pages share a flow, so that the pages of a long document and the first task
/// of another document take turns. A task of several pages may crash only once; then its pages are retried one by one.
fn pages_task(document: Uuid, state: &FlowState, first: u32, last: u32, rank: i64) -> Result<NewTask> {
    let payload = ReadPages {
        document,
        first,
        last,
        languages: state.languages.clone(),
        force_ocr: state.force_ocr,
    };
    let task = stage_task(&payload, document, state.version, &document.to_string(), state.urgent)?
        .unique(format!(
            "{}:{document}:{}:{first}-{last}",
            ReadPages::KIND,
            state.version
        ))
        .after_rank(rank)
        .of_steps(last.saturating_sub(first) + 1);
    Ok(if first == last { task } else { task.may_crash(1) })
}

/// The tasks that read an opened document.
fn after_opening(document: Uuid, state: &FlowState, rank: i64) -> Result<Vec<NewTask>> {
    let count = state
        .page_count
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or_default();
    let step = state.pages_per_task;
    (1..=count)
        .step_by(step as usize)
        .map(|first| pages_task(document, state, first, (first + step - 1).min(count), rank))
        .collect()
}

/// Ends a document. `false`: it had already ended.
pub(crate) async fn finish(
    tx: &Transaction<'_>,
    document: Uuid,
    status: DocumentStatus,
    error: Option<&DocumentError>,
) -> Result<bool> {
    let error = error.map(serde_json::to_value).transpose()?;
    Ok(tx
        .execute(
            include_str!("../sql/finish_document.sql"),
            &[&document, &status.as_str(), &error],
        )
        .await?
        > 0)
}

impl crate::Store {
    /// Saves an opened document's pages, which are to be read `pages_per_task` at a time. Called in the transaction that ends
    /// the opening.
    pub async fn save_opened(
        &self,
        tx: &Transaction<'_>,
        opening: &broker::Claimed,
        document: Uuid,
        pages: &[Shape],
        pages_per_task: u32,
    ) -> Result<()> {
        match FlowState::load(tx, document).await? {
            Some(state) if !state.status.is_terminal() && state.version == opening.version => {
                begin_reading(tx, document, pages, pages_per_task).await
            }
            _ => Ok(()),
        }
    }
}

impl DocumentFlow {
    pub fn new(settings: &Settings) -> DocumentFlow {
        DocumentFlow {
            searchable_pdf: settings.get(ALWAYS_GENERATE_SANDWICH_PDF),
            work_limit: settings.get(DOCUMENT_WORKFLOW_TIME_LIMIT),
        }
    }

    /// The task that starts `stage`, for a document whose earlier stages are done.
    pub(crate) fn begin(&self, stage: Stage, document: Uuid, state: &FlowState) -> Result<NewTask> {
        let (version, project, urgent) = (state.version, &state.project, state.urgent);
        match stage {
            Stage::Ocr => open_task(document, version, project, urgent),
            Stage::Categorize => stage_task(&CategorizeDocument { document }, document, version, project, urgent),
            Stage::Extract => stage_task(&ExtractFields { document }, document, version, project, urgent),
            Stage::Finalize => {
                let payload = FinalizeDocument {
                    document,
                    searchable_pdf: self.searchable_pdf,
                };
                stage_task(&payload, document, version, project, urgent)
            }
        }
    }

    async fn follow(&self, tx: &Transaction<'_>, task: &Ended) -> Result<Vec<NewTask>> {
        let (Some(document), Some(stage)) = (task.document, task.stage) else {
            return Ok(Vec::new());
        };
        let Some(state) = FlowState::load(tx, document).await? else {
            return Ok(Vec::new());
        };
        if !task.state.is_terminal() || state.status.is_terminal() || state.version != task.version {
            return Ok(Vec::new());
        }
        let work = work_of_document(tx, document, state.version).await?;
        if u128::try_from(work).unwrap_or_default() > self.work_limit.as_millis() {
            let message = format!(
                "the document took {} s of work, more than DOCUMENT_WORKFLOW_TIME_LIMIT allows ({} s)",
                work / 1000,
                self.work_limit.as_secs()
            );
            return self
                .give_up(tx, document, stage, DocumentError::new(ErrorCode::TimedOut, message))
                .await;
        }
        match (task.kind.as_str(), task.state) {
            (OpenDocument::KIND, State::Done) => after_opening(document, &state, task.rank),
            (ReadPages::KIND, State::Done) => self.after_done_pages(tx, document, &state, task).await,
            (ReadPages::KIND, State::Dead) => self.after_dead_pages(tx, document, &state, task).await,
            (_, State::Done) => self.after_stage(tx, stage, document, &state).await,
            (_, State::Dead) => self.give_up(tx, document, stage, error_of(task)).await,
            _ => Ok(Vec::new()),
        }
    }

    async fn after_stage(
        &self,
        tx: &Transaction<'_>,
        stage: Stage,
        document: Uuid,
        state: &FlowState,
    ) -> Result<Vec<NewTask>> {
        let next = match stage {
            Stage::Ocr if !state.category_was_given() => Stage::Categorize,
            Stage::Ocr | Stage::Categorize => Stage::Extract,
            Stage::Extract => Stage::Finalize,
            Stage::Finalize => {
                finish(tx, document, DocumentStatus::Done, None).await?;
                return Ok(Vec::new());
            }
        };
        Ok(vec![self.begin(next, document, state)?])
    }

    /// Pages that a run left unread when it gave way become a new task with fresh attempts.
    async fn after_done_pages(
        &self,
        tx: &Transaction<'_>,
        document: Uuid,
        state: &FlowState,
        task: &Ended,
    ) -> Result<Vec<NewTask>> {
        let asked = ReadPages::deserialize(&task.payload)?;
        match first_unread(tx, document, asked.first, asked.last).await? {
            Some(next) => Ok(vec![pages_task(document, state, next, asked.last, task.rank)?]),
            None => self.after_pages(tx, document, state).await,
        }
    }

    /// Starts the next stage when the last pages have ended. The document's lock keeps other tasks from ending at the same
    /// time.
    async fn after_pages(&self, tx: &Transaction<'_>, document: Uuid, state: &FlowState) -> Result<Vec<NewTask>> {
        if live_in_stage(tx, document, Stage::Ocr, state.version).await? > 0 {
            return Ok(Vec::new());
        }
        let row = tx
            .query_one(include_str!("../sql/readable_pages.sql"), &[&document])
            .await?;
        if row.get::<_, i64>("readable") == 0 {
            let error = row
                .get::<_, Option<Value>>("first_error")
                .map(serde_json::from_value)
                .transpose()?;
            let error = error.unwrap_or_else(|| DocumentError::new(ErrorCode::Internal, "no page could be read"));
            return self.give_up(tx, document, Stage::Ocr, error).await;
        }
        self.after_stage(tx, Stage::Ocr, document, state).await
    }

    /// One bad page fails only itself. Pages of a task that died are retried one by one; a page that dies alone is marked as
    /// unreadable and skipped.
    async fn after_dead_pages(
        &self,
        tx: &Transaction<'_>,
        document: Uuid,
        state: &FlowState,
        task: &Ended,
    ) -> Result<Vec<NewTask>> {
        // Without a readable payload it is unknown which pages the task had.
        let Ok(pages) = serde_json::from_value::<ReadPages>(task.payload.clone()) else {
            return self.give_up(tx, document, Stage::Ocr, error_of(task)).await;
        };
        if pages.first < pages.last {
            return (pages.first..=pages.last)
                .map(|page| pages_task(document, state, page, page, task.rank))
                .collect();
        }
        let error = DocumentError {
            page: Some(pages.first),
            stage: Some(Stage::Ocr),
            ..error_of(task)
        };
        let number = i32::try_from(pages.first).unwrap_or(i32::MAX);
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&document, &number, &serde_json::to_value(&error)?];
        tx.execute(include_str!("../sql/fail_page.sql"), &params).await?;
        self.after_pages(tx, document, state).await
    }

    async fn give_up(
        &self,
        tx: &Transaction<'_>,
        document: Uuid,
        stage: Stage,
        error: DocumentError,
    ) -> Result<Vec<NewTask>> {
        let error = DocumentError {
            stage: Some(stage),
            ..error
        };
        finish(tx, document, DocumentStatus::Failed, Some(&error)).await?;
        broker::cancel_document(tx, document, "the document failed").await?;
        Ok(Vec::new())
    }
}

fn error_of(task: &Ended) -> DocumentError {
    task.error.clone().unwrap_or_else(|| {
        let code = match task.outcome {
            Outcome::TimedOut => ErrorCode::TimedOut,
            Outcome::OutOfMemory => ErrorCode::OutOfMemory,
            Outcome::Crashed | Outcome::WorkerLost => ErrorCode::Crashed,
            _ => ErrorCode::Internal,
        };
        DocumentError::new(code, format!("the task {} {}", task.kind, task.outcome.in_words()))
    })
}

impl Follow for DocumentFlow {
    fn ended<'a>(&'a self, tx: &'a Transaction<'_>, task: &'a Ended) -> BoxFuture<'a, broker::Result<Vec<NewTask>>> {
        Box::pin(async move { self.follow(tx, task).await.map_err(Error::into) })
    }
}
