//! Stored bytes that belong to no document yet.

use store::{Store, Stored};
use tokio::runtime::Handle;

/// Removes its object again unless it is kept: whatever ends the request, be it a wrong field after the file or a client
/// that went away, nothing stays behind.
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

    /// The object is a document's from now on.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for StoredUpload {
    fn drop(&mut self) {
        // At the very end of the process there is no runtime any more.
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
