//! The worker's job: extracts fields from the document's words, with the extractor of its category.

use kit::{Failure, Job, RunHandle, Task};
use queue_schema::document::Field;
use queue_schema::payload::ExtractFields;
use store::{Store, inputs::ReadingFile};
use tokio_postgres::Transaction;

pub struct Extract;

impl Job for Extract {
    type Payload = ExtractFields;
    type Input = ReadingFile;
    type Output = Vec<Field>;
    type Published = Vec<Field>;
    type Tools = ();
    type Context = Store;
    const OPENS_UPLOADS: bool = false;

    async fn prepare(store: &Store, task: &Task<'_, ExtractFields>) -> Result<ReadingFile, Failure> {
        let brought = store.bring_reading(task.payload.document, task.scratch).await;
        brought.map_err(Failure::transient)
    }

    fn run(_: &mut (), _: ExtractFields, reading: ReadingFile, run: &mut RunHandle) -> Result<Vec<Field>, Failure> {
        let reading = reading.load(run.scratch()).map_err(Failure::transient)?;
        let category = reading.category.map_or_else(|| "other".to_owned(), |c| c.name);
        Ok(fields::starter(&category).extract(&reading.pages))
    }

    async fn publish(_: &Store, _: &Task<'_, ExtractFields>, fields: Vec<Field>) -> Result<Vec<Field>, Failure> {
        Ok(fields)
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, ExtractFields>,
        fields: &Vec<Field>,
    ) -> broker::Result<()> {
        Ok(store.save_fields(tx, task.payload.document, fields).await?)
    }
}
