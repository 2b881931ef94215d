//! The worker's job: a category from the document's words.

use broker::NewTask;
use kit::{Desk, Failure, Job, Task, Tools};
use models::{Classifier, LinearClassifier, starter_classifier};
use queue_schema::document::Category;
use queue_schema::payload::CategorizeDocument;
use settings::Settings;
use store::{Store, inputs};
use tokio_postgres::Transaction;

/// The classifier, loaded once.
pub struct Model(LinearClassifier);

impl Tools for Model {
    fn warm(_: &Settings) -> Result<Self, String> {
        starter_classifier()
            .map(Model)
            .map_err(|e| format!("the starter classifier cannot be loaded: {e}"))
    }
}

pub struct Categorize;

impl Job for Categorize {
    type Payload = CategorizeDocument;
    type Output = Category;
    type Tools = Model;
    type Home = Store;

    async fn prepare(store: &Store, task: &Task<'_, CategorizeDocument>) -> Result<(), Failure> {
        store
            .bring_reading(task.payload.document, task.scratch)
            .await
            .map_err(Failure::passing)
    }

    fn run(model: &mut Model, _: CategorizeDocument, desk: &mut Desk) -> Result<Category, Failure> {
        let reading = inputs::reading(desk.scratch()).map_err(Failure::passing)?;
        Ok(model.0.classify(&reading.pages))
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, CategorizeDocument>,
        category: &Category,
    ) -> broker::Result<Vec<NewTask>> {
        store.set_category(tx, task.payload.document, category).await?;
        Ok(Vec::new())
    }
}
