//! The worker's evaluation job: how well a project's active categorizer does on documents newer than it.

use crate::examples::Examples;
use crate::judge::judge_all;
use crate::networks::Networks;
use kit::{Failure, Job, RunHandle, Task};
use models::{Figures, read_classifier};
use queue_schema::payload::EvaluateCategorizer;
use serde::{Deserialize, Serialize};
use store::{Store, inputs::ModelFile};
use tokio_postgres::Transaction;
use uuid::Uuid;

#[derive(Serialize, Deserialize)]
pub struct Evaluated {
    figures: Figures,
    /// The model that was judged.
    model: Uuid,
}

pub struct Evaluate;

/// A model, and the documents to evaluate it on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Input {
    model: ModelFile,
    examples: Examples,
}

impl Job for Evaluate {
    type Payload = EvaluateCategorizer;
    type Input = Input;
    type Output = Evaluated;
    type Published = Evaluated;
    type Tools = Networks;
    type Context = Store;
    const OPENS_UPLOADS: bool = false;

    async fn prepare(store: &Store, task: &Task<'_, EvaluateCategorizer>) -> Result<Input, Failure> {
        let project = &task.payload.project;
        let (model, documents) = store.to_evaluate(project).await.map_err(Failure::transient)?;
        let model = store.bring_model(&model, task.scratch).await;
        Ok(Input {
            model: model.map_err(Failure::transient)?,
            examples: Examples::write(store, documents, task.scratch).await?,
        })
    }

    fn run(_: &mut Networks, _: EvaluateCategorizer, input: Input, run: &mut RunHandle) -> Result<Evaluated, Failure> {
        let model = std::fs::read(input.model.path(run.scratch())).map_err(Failure::transient)?;
        let model = read_classifier(&model).map_err(Failure::transient)?;
        let documents = input.examples.read(run.scratch())?;
        let total = u32::try_from(documents.len()).unwrap_or(u32::MAX);
        Ok(Evaluated {
            figures: judge_all(model.as_ref(), &documents, |done| run.progress(done, total)),
            model: input.model.id,
        })
    }

    async fn publish(_: &Store, _: &Task<'_, EvaluateCategorizer>, judged: Evaluated) -> Result<Evaluated, Failure> {
        Ok(judged)
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        _: &Task<'_, EvaluateCategorizer>,
        judged: &Evaluated,
    ) -> broker::Result<()> {
        let figures = serde_json::to_value(&judged.figures).map_err(broker::Error::other)?;
        Ok(store.add_evaluation(tx, judged.model, &figures).await?)
    }
}
