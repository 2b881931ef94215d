//! The worker's training job: trains a project's categorizer on the categories that people gave.

use crate::examples::Examples;
use crate::networks::Networks;
use crate::{Progress, TrainingReport, train_categorizer};
use kit::{Failure, Job, RunHandle, Task};
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::payload::TrainCategorizer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::path::PathBuf;
use store::{Bytes, CATEGORIZER, Store};
use tokio_postgres::Transaction;
use uuid::Uuid;

/// Total of the progress that a training reports.
const STEPS: u32 = 1000;

/// Result of the training in the child process.
#[derive(Serialize, Deserialize)]
pub struct Learnt {
    report: TrainingReport,
    /// The best model's file, in the run's folder.
    file: PathBuf,
}

/// A stored model.
pub struct Model {
    report: TrainingReport,
    id: Uuid,
    object: String,
    /// Macro F1 that the new model must exceed to be activated: that of the active model, or of the starter if there is none.
    to_beat: f64,
}

pub struct Train;

impl Job for Train {
    type Payload = TrainCategorizer;
    type Input = Examples;
    type Output = Learnt;
    type Published = Model;
    type Tools = Networks;
    type Context = Store;
    const OPENS_UPLOADS: bool = false;

    async fn prepare(store: &Store, task: &Task<'_, TrainCategorizer>) -> Result<Examples, Failure> {
        let documents = store.labelled(&task.payload.project, None).await;
        Examples::write(store, documents.map_err(Failure::transient)?, task.scratch).await
    }

    fn run(_: &mut Networks, _: TrainCategorizer, examples: Examples, run: &mut RunHandle) -> Result<Learnt, Failure> {
        let documents = examples.read(run.scratch())?;
        let out = run.scratch().join("models");
        let mut tell = |progress: Progress| {
            run.progress((progress.done * STEPS as f32) as u32, STEPS);
            if run.should_stop() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let report = train_categorizer(&documents, &out, &mut tell)
            .map_err(|e| Failure::permanent(DocumentError::new(ErrorCode::Internal, e.to_string())))?;
        let Some((_, best)) = report.best() else {
            return Err(Failure::transient("a training without a best model"));
        };
        Ok(Learnt {
            file: run.name(best),
            report,
        })
    }

    async fn publish(store: &Store, task: &Task<'_, TrainCategorizer>, learnt: Learnt) -> Result<Model, Failure> {
        let file = task.file(&learnt.file)?;
        let id = task.claimed.token;
        let object = Bytes::model_key(id);
        let stored = store.bytes().put_file(&object, &file).await;
        stored.map_err(Failure::transient)?;
        let active = store.active_model(&task.payload.project, CATEGORIZER).await;
        let active = active.map_err(Failure::transient)?;
        let its_f1 = active.and_then(|model| model.figures["macro_f1"].as_f64());
        Ok(Model {
            to_beat: its_f1.unwrap_or(learnt.report.starter.macro_f1),
            report: learnt.report,
            id,
            object,
        })
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, TrainCategorizer>,
        model: &Model,
    ) -> broker::Result<()> {
        let Some((figures, _)) = model.report.best() else {
            return Err(broker::Error::other("a training without a best model"));
        };
        let macro_f1 = figures.macro_f1;
        let report = told(&model.report).map_err(broker::Error::other)?;
        let figures = json!({"macro_f1": macro_f1, "best": figures, "report": report});
        let project = &task.payload.project;
        store
            .add_model(tx, project, CATEGORIZER, model.id, &model.object, &figures)
            .await?;
        if macro_f1 > model.to_beat {
            store.activate_model(tx, project, CATEGORIZER, model.id).await?;
        }
        Ok(())
    }
}

/// The report without the paths of files, which are deleted with the run's folder.
fn told(report: &TrainingReport) -> serde_json::Result<Value> {
    let mut report = serde_json::to_value(report)?;
    let candidates = report["candidates"].as_array_mut().into_iter().flatten();
    for candidate in candidates.filter_map(Value::as_object_mut) {
        candidate.remove("file");
    }
    Ok(report)
}
