//! Stored bytes that do not belong to a document yet.

use store::{Store, Stored};
use tokio::runtime::Handle;

/// Removes its object when dropped, unless it was kept. So nothing is left behind when a request fails, be it by a wrong field
/// after the file or by a client that disconnected.
pub struct StoredUpload {
    store: Store,
    stored: Stored,
    kept: bool,
}

impl StoredUpload {
    pub fn new(store: Store, stored: Stored) -> StoredUpload {
        StoredUpload {
            store,
            stored,
            kept: false,
        }
    }

    pub fn stored(&self) -> &Stored {
        &self.stored
    }

    /// Keeps the object: it belongs to a document now.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for StoredUpload {
    fn drop(&mut self) {
        // No runtime exists any more at the very end of the process.
        let (false, Ok(runtime)) = (self.kept, Handle::try_current()) else {
            return;
        };
        let (store, object) = (self.store.clone(), std::mem::take(&mut self.stored.object));
        runtime.spawn(async move {
            if let Err(error) = store.bytes().remove(&object).await {
                tracing::warn!(%error, object, "the bytes of a refused upload could not be removed");
            }
        });
    }
}
