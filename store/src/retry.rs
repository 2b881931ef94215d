//! Processing a document again, from one of its stages.

use crate::Store;
use crate::error::{Error, Result};
use crate::flow::{DocumentFlow, FlowState};
use queue_schema::document::{DocumentStatus, Stage};
use serde_json::json;
use settings::Settings;
use uuid::Uuid;

/// The stage at which a document is processed again, and the new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    pub stage: Stage,
    pub version: i32,
}

/// The default stage from which a document is retried: the stage that failed; for a cancelled document whose pages were all
/// read, the stage after reading; else the first stage.
pub fn usual_stage(status: DocumentStatus, failed: Option<Stage>, all_read: bool) -> Stage {
    match (status, failed) {
        (DocumentStatus::Failed, Some(failed)) => failed,
        (DocumentStatus::Cancelled, _) if all_read => Stage::Categorize,
        _ => Stage::Ocr,
    }
}

impl Store {
    /// Processes a document again, from `stage` or else from [`usual_stage`]. The results of earlier stages are reused, so all
    /// inputs of the stage must exist. Takes the document's dead tasks off the list of dead letters.
    pub async fn retry(&self, settings: &Settings, id: Uuid, stage: Option<Stage>, who: &str) -> Result<Retry> {
        let before = self.document(id).await?;
        let flow = DocumentFlow::new(settings);
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        broker::lock(&tx, id).await?;
        let mut state = FlowState::load(&tx, id).await?.ok_or(Error::NoDocument(id))?;
        if !state.status.is_terminal() {
            return Err(Error::Refused(
                "the document is still being processed; cancel it first, or wait".into(),
            ));
        }
        let all_read = state.page_count.is_some_and(|n| before.pages_read == i64::from(n));
        let failed = before.error.and_then(|error| error.stage);
        let stage = stage.unwrap_or_else(|| usual_stage(state.status, failed, all_read));
        if stage != Stage::Ocr && !all_read {
            return Err(Error::Refused(format!(
                "stage {stage} needs every page to be read; retry from stage ocr"
            )));
        }
        state.version = tx
            .query_one(include_str!("../sql/begin_again.sql"), &[&id])
            .await?
            .get("version");
        let woken = self.broker().enqueue(&*tx, &[flow.begin(stage, id, &state)?]).await?;
        broker::dismiss_of_document(&tx, id).await?;
        let detail = json!({"stage": stage, "version": state.version});
        broker::audit::note(&tx, who, "document.retry", &id.to_string(), &detail).await?;
        tx.commit().await?;
        self.broker().wake().push_or_leave(&woken).await;
        Ok(Retry {
            stage,
            version: state.version,
        })
    }
}
