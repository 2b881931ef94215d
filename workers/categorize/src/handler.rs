//! The worker's job: categorizes a document by its words.

use crate::classifiers::Classifiers;
use kit::{Failure, Job, RunHandle, Task};
use queue_schema::document::Category;
use queue_schema::payload::CategorizeDocument;
use serde::{Deserialize, Serialize};
use store::inputs::{ModelFile, ReadingFile};
use store::{CATEGORIZER, Store};
use tokio_postgres::Transaction;

pub struct Categorize;

/// What was read of the document, and its project's trained model.
#[derive(Debug, Serialize, Deserialize)]
pub struct Input {
    reading: ReadingFile,
    model: Option<ModelFile>,
}

impl Job for Categorize {
    type Payload = CategorizeDocument;
    type Input = Input;
    type Output = Category;
    type Published = Category;
    type Tools = Classifiers;
    type Context = Store;
    const OPENS_UPLOADS: bool = false;

    async fn prepare(store: &Store, task: &Task<'_, CategorizeDocument>) -> Result<Input, Failure> {
        bring(store, task).await.map_err(Failure::transient)
    }

    fn run(
        classifiers: &mut Classifiers,
        _: CategorizeDocument,
        input: Input,
        run: &mut RunHandle,
    ) -> Result<Category, Failure> {
        let reading = input.reading.load(run.scratch()).map_err(Failure::transient)?;
        let model = input.model.map(|model| (model.id, model.path(run.scratch())));
        Ok(classifiers.one_for(model)?.classify(&reading.pages))
    }

    async fn publish(_: &Store, _: &Task<'_, CategorizeDocument>, category: Category) -> Result<Category, Failure> {
        Ok(category)
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, CategorizeDocument>,
        category: &Category,
    ) -> broker::Result<()> {
        Ok(store.set_category(tx, task.payload.document, category).await?)
    }
}

async fn bring(store: &Store, task: &Task<'_, CategorizeDocument>) -> store::Result<Input> {
    let document = task.payload.document;
    let reading = store.bring_reading(document, task.scratch).await?;
    let project = store.document(document).await?.project;
    let model = match store.active_model(&project, CATEGORIZER).await? {
        Some(model) => Some(store.bring_model(&model, task.scratch).await?),
        None => None,
    };
    Ok(Input { reading, model })
}
