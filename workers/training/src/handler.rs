//! The worker's job: a project's categorizer, trained from the categories that people gave.

use crate::networks::Networks;
use crate::{Progress, TrainingReport, examples, train_categorizer};
use broker::NewTask;
use kit::{Desk, Failure, Job, Task};
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::payload::TrainCategorizer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::path::PathBuf;
use store::{Bytes, CATEGORIZER, Store};
use tokio_postgres::Transaction;
use uuid::Uuid;

/// Steps in which a training reports how far it is.
const STEPS: u32 = 1000;

/// What was learnt, and where the best of it is stored.
#[derive(Serialize, Deserialize)]
pub struct Trained {
    report: TrainingReport,
    /// The best model, in the run's folder.
    file: PathBuf,
    stored: Option<Uuid>,
    object: String,
    /// The macro F1 of the model that was active when this one was judged, or else of the starter.
    to_beat: f64,
}

pub struct Train;

impl Job for Train {
    type Payload = TrainCategorizer;
    type Output = Trained;
    type Tools = Networks;
    type Home = Store;
    const OPENS_UPLOADS: bool = false;

    async fn prepare(store: &Store, task: &Task<'_, TrainCategorizer>) -> Result<(), Failure> {
        let documents = store.labelled(&task.payload.project, None).await;
        examples::write(store, documents.map_err(Failure::passing)?, task.scratch).await
    }

    fn run(_: &mut Networks, _: TrainCategorizer, desk: &mut Desk) -> Result<Trained, Failure> {
        let documents = examples::read(desk.scratch())?;
        let out = desk.scratch().join("models");
        let mut tell = |progress: Progress| {
            desk.progress((progress.done * STEPS as f32) as u32, STEPS);
            if desk.should_stop() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let report = train_categorizer(&documents, &out, &mut tell)
            .map_err(|e| Failure::lasting(DocumentError::new(ErrorCode::Internal, e.to_string())))?;
        let Some((_, best)) = report.best() else {
            return Err(Failure::passing("a training without a best model"));
        };
        Ok(Trained {
            file: desk.name(best),
            to_beat: report.starter.macro_f1,
            report,
            stored: None,
            object: String::new(),
        })
    }

    async fn publish(store: &Store, task: &Task<'_, TrainCategorizer>, trained: &mut Trained) -> Result<(), Failure> {
        let file = task.file(&trained.file)?;
        let id = task.claimed.token;
        trained.object = Bytes::model_key(id);
        store
            .bytes()
            .put_file(&trained.object, &file)
            .await
            .map_err(Failure::passing)?;
        trained.stored = Some(id);
        let active = store
            .active_model(&task.payload.project, CATEGORIZER)
            .await
            .map_err(Failure::passing)?;
        if let Some(f1) = active.and_then(|model| model.figures["macro_f1"].as_f64()) {
            trained.to_beat = f1;
        }
        Ok(())
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, TrainCategorizer>,
        trained: &Trained,
    ) -> broker::Result<Vec<NewTask>> {
        let (Some(id), Some((figures, _))) = (trained.stored, trained.report.best()) else {
            return Ok(Vec::new());
        };
        let macro_f1 = figures.macro_f1;
        let report = told(&trained.report).map_err(broker::Error::other)?;
        let figures = json!({"macro_f1": macro_f1, "best": figures, "report": report});
        let project = &task.payload.project;
        store
            .add_model(tx, project, CATEGORIZER, id, &trained.object, &figures)
            .await?;
        if macro_f1 > trained.to_beat {
            store.activate_model(tx, project, CATEGORIZER, id).await?;
        }
        Ok(Vec::new())
    }
}

/// The report without the files, which go with the run's folder.
fn told(report: &TrainingReport) -> serde_json::Result<Value> {
    let mut report = serde_json::to_value(report)?;
    let candidates = report["candidates"].as_array_mut().into_iter().flatten();
    for candidate in candidates.filter_map(Value::as_object_mut) {
        candidate.remove("file");
    }
    Ok(report)
}
