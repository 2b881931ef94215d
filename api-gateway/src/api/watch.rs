//! One look after another at a document that somebody follows, however many follow it.

use crate::app::Gateway;
use crate::wire::Document;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

/// Between two looks; Postgres sends no signal when a document changes.
const PAUSE: Duration = Duration::from_millis(500);

/// A document at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Stands for the content: the same state has the same id, in every gateway.
    pub id: String,
    pub json: String,
    pub ended: bool,
}

impl Snapshot {
    pub fn of(document: &Document) -> Result<Snapshot, serde_json::Error> {
        let json = serde_json::to_string(document)?;
        let digest = Sha256::digest(json.as_bytes());
        Ok(Snapshot {
            id: digest[..12].iter().map(|byte| format!("{byte:02x}")).collect(),
            ended: document.status.is_terminal(),
            json,
        })
    }
}

type Changes = watch::Receiver<Option<Arc<Snapshot>>>;

/// The documents that are being followed.
#[derive(Default)]
pub struct Watchers(Mutex<HashMap<Uuid, watch::Sender<Option<Arc<Snapshot>>>>>);

impl Watchers {
    /// What becomes of a document from now on. `None` until the first look; closed once the document has ended or is gone.
    pub fn follow(gateway: &Arc<Gateway>, document: Uuid) -> Changes {
        let mut all = gateway.watchers.lock();
        match all.entry(document) {
            Entry::Occupied(sender) => {
                let mut changes = sender.get().subscribe();
                // What is known may be newer than what the follower has seen.
                changes.mark_changed();
                changes
            }
            Entry::Vacant(place) => {
                let (sender, changes) = watch::channel(None);
                place.insert(sender);
                tokio::spawn(look_after(gateway.clone(), document));
                changes
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, watch::Sender<Option<Arc<Snapshot>>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `false`: nobody follows any more, and the document is forgotten. Decided under the lock, so that nobody begins to
    /// follow in between.
    fn tell(&self, document: Uuid, snapshot: Option<Arc<Snapshot>>) -> bool {
        let mut all = self.lock();
        let Some(sender) = all.get(&document) else {
            return false;
        };
        let goes_on = sender.receiver_count() > 0 && snapshot.as_ref().is_some_and(|s| !s.ended);
        sender.send_if_modified(|last| {
            let changed = snapshot.is_some() && *last != snapshot;
            if changed {
                *last = snapshot;
            }
            changed
        });
        if !goes_on {
            all.remove(&document);
        }
        goes_on
    }
}

async fn look_after(gateway: Arc<Gateway>, document: Uuid) {
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let snapshot = match gateway.store.view(document).await {
            Ok(view) => Snapshot::of(&view.into()).ok().map(Arc::new),
            Err(store::Error::NoDocument(_)) => None,
            Err(error) => {
                tracing::warn!(%error, %document, "a followed document could not be looked at");
                continue;
            }
        };
        if !gateway.watchers.tell(document, snapshot) || gateway.drain.is_cancelled() {
            return;
        }
    }
}
