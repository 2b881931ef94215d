//! The worker's job: a category from the document's words.

use crate::classifiers::Classifiers;
use broker::NewTask;
use kit::{Desk, Failure, Job, Task};
use queue_schema::document::Category;
use queue_schema::payload::CategorizeDocument;
use store::{CATEGORIZER, Store, inputs};
use tokio_postgres::Transaction;

pub struct Categorize;

impl Job for Categorize {
    type Payload = CategorizeDocument;
    type Output = Category;
    type Tools = Classifiers;
    type Home = Store;
    const OPENS_UPLOADS: bool = false;

    async fn prepare(store: &Store, task: &Task<'_, CategorizeDocument>) -> Result<(), Failure> {
        bring(store, task).await.map_err(Failure::passing)
    }

    fn run(classifiers: &mut Classifiers, _: CategorizeDocument, desk: &mut Desk) -> Result<Category, Failure> {
        let reading = inputs::reading(desk.scratch()).map_err(Failure::passing)?;
        let trained = inputs::model(desk.scratch()).map_err(Failure::passing)?;
        Ok(classifiers.one_for(trained)?.classify(&reading.pages))
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

/// What was read of the document, and the model that its project has trained.
async fn bring(store: &Store, task: &Task<'_, CategorizeDocument>) -> store::Result<()> {
    let document = task.payload.document;
    store.bring_reading(document, task.scratch).await?;
    let project = store.document(document).await?.project;
    match store.active_model(&project, CATEGORIZER).await? {
        Some(model) => store.bring_model(&model, task.scratch).await,
        None => Ok(()),
    }
}
