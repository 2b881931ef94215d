//! The worker's job: fields from the document's words, by the extractor of its category.

use broker::NewTask;
use kit::{Desk, Failure, Job, Task};
use models::fields;
use queue_schema::document::Field;
use queue_schema::payload::ExtractFields;
use store::{Store, inputs};
use tokio_postgres::Transaction;

pub struct Extract;

impl Job for Extract {
    type Payload = ExtractFields;
    type Output = Vec<Field>;
    type Tools = ();
    type Home = Store;
    const OPENS_UPLOADS: bool = false;

    async fn prepare(store: &Store, task: &Task<'_, ExtractFields>) -> Result<(), Failure> {
        store
            .bring_reading(task.payload.document, task.scratch)
            .await
            .map_err(Failure::passing)
    }

    fn run(_: &mut (), _: ExtractFields, desk: &mut Desk) -> Result<Vec<Field>, Failure> {
        let reading = inputs::reading(desk.scratch()).map_err(Failure::passing)?;
        let category = reading.category.map_or_else(|| "other".to_owned(), |c| c.name);
        Ok(fields::starter(&category).extract(&reading.pages))
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, ExtractFields>,
        fields: &Vec<Field>,
    ) -> broker::Result<Vec<NewTask>> {
        store.save_fields(tx, task.payload.document, fields).await?;
        Ok(Vec::new())
    }
}
