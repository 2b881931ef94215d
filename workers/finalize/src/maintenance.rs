//! The worker's maintenance jobs: they remove what is no longer needed. They only touch rows and objects, so they need no child
//! process.

use kit::{Failure, SupervisorJob, Task};
use queue_schema::payload::{DeleteDocument, SweepStorage};
use store::Store;
use tokio_postgres::Transaction;

/// Removes the bytes first and the rows last, so that an interrupted deletion can be repeated.
pub struct Delete;

impl SupervisorJob for Delete {
    type Payload = DeleteDocument;
    type Context = Store;

    async fn run(store: &Store, task: &Task<'_, DeleteDocument>) -> Result<(), Failure> {
        let removed = store.remove_bytes(task.payload.document).await;
        removed.map(drop).map_err(Failure::transient)
    }

    async fn commit(store: &Store, tx: &Transaction<'_>, task: &Task<'_, DeleteDocument>) -> broker::Result<()> {
        Ok(store.remove_rows(tx, task.payload.document).await?)
    }
}

/// Removes objects that failed uploads and runs left in the object store.
pub struct Sweep;

impl SupervisorJob for Sweep {
    type Payload = SweepStorage;
    type Context = Store;

    async fn run(store: &Store, _: &Task<'_, SweepStorage>) -> Result<(), Failure> {
        let removed = store.sweep().await.map_err(Failure::transient)?;
        // Needed when the limit was lowered: otherwise images are only evicted when a new one is made.
        let images = store.evict_page_images().await.map_err(Failure::transient)?;
        tracing::info!(removed, images, "storage swept");
        Ok(())
    }
}
