//! The worker's other job: how well a project's active categorizer does on documents that came after it.

use crate::examples;
use crate::judge::judge_all;
use crate::networks::Networks;
use broker::NewTask;
use kit::{Desk, Failure, Job, Task};
use models::{Figures, read_classifier};
use queue_schema::payload::EvaluateCategorizer;
use serde::{Deserialize, Serialize};
use store::{Store, inputs};
use tokio_postgres::Transaction;
use uuid::Uuid;

#[derive(Serialize, Deserialize)]
pub struct Evaluated {
    figures: Figures,
    /// Which model was judged.
    model: Uuid,
}

pub struct Evaluate;

impl Job for Evaluate {
    type Payload = EvaluateCategorizer;
    type Output = Evaluated;
    type Tools = Networks;
    type Home = Store;
    const OPENS_UPLOADS: bool = false;

    async fn prepare(store: &Store, task: &Task<'_, EvaluateCategorizer>) -> Result<(), Failure> {
        let project = &task.payload.project;
        let (model, documents) = store.to_evaluate(project).await.map_err(Failure::passing)?;
        store
            .bring_model(&model, task.scratch)
            .await
            .map_err(Failure::passing)?;
        examples::write(store, documents, task.scratch).await
    }

    fn run(_: &mut Networks, _: EvaluateCategorizer, desk: &mut Desk) -> Result<Evaluated, Failure> {
        let Some((id, file)) = inputs::model(desk.scratch()).map_err(Failure::passing)? else {
            return Err(Failure::passing("an evaluation without a model"));
        };
        let model = std::fs::read(file).map_err(Failure::passing)?;
        let model = read_classifier(&model).map_err(Failure::passing)?;
        let documents = examples::read(desk.scratch())?;
        let total = u32::try_from(documents.len()).unwrap_or(u32::MAX);
        Ok(Evaluated {
            figures: judge_all(model.as_ref(), &documents, |done| desk.progress(done, total)),
            model: id,
        })
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        _: &Task<'_, EvaluateCategorizer>,
        evaluated: &Evaluated,
    ) -> broker::Result<Vec<NewTask>> {
        let figures = serde_json::to_value(&evaluated.figures).map_err(broker::Error::other)?;
        store.add_evaluation(tx, evaluated.model, &figures).await?;
        Ok(Vec::new())
    }
}
