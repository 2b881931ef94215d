//! The worker's other jobs: what is no longer wanted is removed. They touch rows and objects alone.

use kit::{Failure, SupervisorJob, Task};
use queue_schema::payload::{DeleteDocument, SweepStorage};
use store::Store;
use tokio_postgres::Transaction;

/// Removes the bytes first and the rows last, so that one that is interrupted is simply begun again.
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

/// Removes what uploads and runs that came to nothing left in the object store.
pub struct Sweep;

impl SupervisorJob for Sweep {
    type Payload = SweepStorage;
    type Context = Store;

    async fn run(store: &Store, _: &Task<'_, SweepStorage>) -> Result<(), Failure> {
        let removed = store.sweep().await.map_err(Failure::transient)?;
        // Those beyond a bound that was lowered, while no new ones are made.
        let images = store.evict_page_images().await.map_err(Failure::transient)?;
        tracing::info!(removed, images, "storage swept");
        Ok(())
    }
}
