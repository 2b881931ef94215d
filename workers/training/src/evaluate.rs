//! The worker's other job: how well a project's active categorizer does on documents that came after it.

use crate::examples;
use broker::NewTask;
use kit::{Desk, Failure, Job, Task};
use models::{Classifier, Figures, Judged, LabelledDocument, LinearClassifier};
use models_torch::TextNet;
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::payload::EvaluateCategorizer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::Store;
use tokio_postgres::Transaction;
use uuid::Uuid;

const MODEL: &str = "model.safetensors";
/// Beside it: the model's id. Another may be the active one when this ends.
const ID: &str = "model.id";

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
    type Tools = ();
    type Home = Store;

    async fn prepare(store: &Store, task: &Task<'_, EvaluateCategorizer>) -> Result<(), Failure> {
        let project = &task.payload.project;
        let (model, documents) = store.to_evaluate(project).await.map_err(Failure::passing)?;
        let file = task.scratch.join(MODEL);
        store
            .bytes()
            .bring(&model.object, &file)
            .await
            .map_err(Failure::passing)?;
        let id = task.scratch.join(ID);
        tokio::fs::write(id, model.id.to_string())
            .await
            .map_err(Failure::passing)?;
        examples::write(store, documents, task.scratch).await
    }

    fn run(_: &mut (), _: EvaluateCategorizer, desk: &mut Desk) -> Result<Evaluated, Failure> {
        let id = std::fs::read_to_string(desk.scratch().join(ID)).map_err(Failure::passing)?;
        let model = read_model(&std::fs::read(desk.scratch().join(MODEL)).map_err(Failure::passing)?)?;
        let documents = examples::read(desk.scratch())?;
        let total = u32::try_from(documents.len()).unwrap_or(u32::MAX);
        // A document may have a label that the model never learnt: it is judged wrong.
        let labels: BTreeSet<&String> = documents.iter().map(|d| &d.label).chain(model.labels()).collect();
        let labels: Vec<String> = labels.into_iter().cloned().collect();
        let mut judged = Vec::with_capacity(documents.len());
        for (document, done) in documents.iter().zip(1..) {
            judged.push(judge(model.as_ref(), document, &labels));
            desk.progress(done, total);
        }
        Ok(Evaluated {
            figures: Figures::of(&labels, &judged),
            model: id.parse().map_err(Failure::passing)?,
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

/// Whichever kind of model it is.
fn read_model(bytes: &[u8]) -> Result<Box<dyn Classifier>, Failure> {
    let linear = match LinearClassifier::from_bytes(bytes) {
        Ok(model) => return Ok(Box::new(model)),
        Err(error) => error,
    };
    match TextNet::from_bytes(bytes) {
        Ok(model) => Ok(Box::new(model)),
        Err(network) => Err(Failure::lasting(DocumentError::new(
            ErrorCode::Internal,
            format!("the model can be read neither as a linear one ({linear}) nor as a network ({network})"),
        ))),
    }
}

fn judge(model: &dyn Classifier, document: &LabelledDocument, labels: &[String]) -> Judged {
    let position = |label: &String| labels.binary_search(label).unwrap_or_default();
    let answer = model.classify(&document.pages);
    Judged {
        truth: position(&document.label),
        answer: position(&answer.name),
        confidence: answer.confidence,
    }
}
