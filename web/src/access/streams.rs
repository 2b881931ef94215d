//! Ends event streams within seconds after their key is revoked: a stream is long-lived, and its key was checked only when it
//! opened.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use store::Store;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Interval between two checks of the keys of open streams.
const PAUSE: Duration = Duration::from_secs(2);
/// Longest life of a stream. Projects and scopes are checked only when a stream opens; browsers reconnect by themselves and are
/// then checked again.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The keys that have open streams.
pub struct Streams {
    store: Store,
    keys: Mutex<HashMap<Uuid, Weak<CancellationToken>>>,
}

impl Streams {
    pub fn new(store: Store) -> Arc<Streams> {
        Arc::new(Streams {
            store,
            keys: Mutex::default(),
        })
    }

    /// A token that is cancelled once the key is no longer valid.
    fn revoked(self: &Arc<Streams>, key: Uuid) -> Arc<CancellationToken> {
        let mut keys = self.keys();
        if let Some(known) = keys.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        if keys.is_empty() {
            tokio::spawn(look_after(self.clone()));
        }
        let revoked = Arc::new(CancellationToken::new());
        keys.insert(key, Arc::downgrade(&revoked));
        revoked
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<Uuid, Weak<CancellationToken>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys that have open streams now. When there are none, the checking task ends.
    fn open(&self) -> Vec<Uuid> {
        let mut keys = self.keys();
        keys.retain(|_, revoked| revoked.strong_count() > 0);
        keys.keys().copied().collect()
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("keys", &self.keys().len())
            .finish_non_exhaustive()
    }
}

/// Checks the keys of all streams with one query.
async fn look_after(streams: Arc<Streams>) {
    loop {
        sleep(PAUSE).await;
        let open = streams.open();
        if open.is_empty() {
            return;
        }
        // While the database is unavailable no key can be revoked.
        let Ok(in_force) = streams.store.keys_in_force(&open).await else {
            continue;
        };
        let mut keys = streams.keys();
        for key in open.iter().filter(|key| !in_force.contains(key)) {
            if let Some(revoked) = keys.remove(key).and_then(|revoked| revoked.upgrade()) {
                revoked.cancel();
            }
        }
    }
}

/// Resolves when an event stream has to end. `key`: the key that opened it.
pub fn end(drain: CancellationToken, key: Option<(Arc<Streams>, Uuid)>) -> impl Future<Output = ()> + Send + use<> {
    let latest = Instant::now() + LONGEST;
    let revoked = key.map_or_else(Arc::default, |(streams, key)| streams.revoked(key));
    async move {
        tokio::select! {
            () = drain.cancelled() => {}
            () = revoked.cancelled() => {}
            () = sleep_until(latest) => {}
        }
    }
}
