//! One look after another at what somebody follows, however many follow it.

use super::documents::list_documents;
use super::params::Listing;
use crate::state::Gateway;
use crate::wire::Document;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Reach;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use uuid::Uuid;
use web::problem::{Result, internal};

/// What can be followed, and by callers of which reach.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    Document(Uuid, Reach),
    /// A list of documents, as far as one answer shows it.
    List(Box<Listing>, Reach),
}

/// Its state at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Stands for the content: the same state has the same id, in every gateway.
    pub id: String,
    /// What followers are told.
    pub data: String,
    pub ended: bool,
}

impl Subject {
    /// How its events are called.
    pub fn event(&self) -> &'static str {
        match self {
            Subject::Document(..) => "document",
            Subject::List(..) => "list",
        }
    }

    /// Between two looks; Postgres sends no signal when a document changes.
    fn pause(&self) -> Duration {
        match self {
            Subject::Document(..) => Duration::from_millis(500),
            Subject::List(..) => Duration::from_secs(1),
        }
    }

    pub async fn look(&self, gateway: &Gateway) -> Result<Snapshot> {
        match self {
            Subject::Document(id, reach) => {
                let document: Document = gateway.view(reach, *id).await?.into();
                let (id, data) = content(&document)?;
                let ended = document.status.is_terminal();
                Ok(Snapshot { id, data, ended })
            }
            // Who follows a list asks for it when it has changed: for a page, not for what stands behind it.
            Subject::List(listing, reach) => {
                let (id, _) = content(&list_documents(gateway, reach, listing).await?)?;
                let (data, ended) = (id.clone(), false);
                Ok(Snapshot { id, data, ended })
            }
        }
    }
}

/// A digest of the JSON, and the JSON.
fn content(state: &impl Serialize) -> Result<(String, String)> {
    let json = serde_json::to_string(state).map_err(|e| internal(&e))?;
    let digest = Sha256::digest(json.as_bytes());
    let id = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((id, json))
}

type Changes = watch::Receiver<Option<Arc<Snapshot>>>;

/// What is being followed.
#[derive(Default)]
pub struct Watchers(Mutex<HashMap<Subject, watch::Sender<Option<Arc<Snapshot>>>>>);

impl Watchers {
    /// What becomes of it from now on. `None` until the first look; closed once it has ended or is gone.
    pub fn follow(gateway: &Arc<Gateway>, subject: Subject) -> Changes {
        let mut all = gateway.watchers.lock();
        match all.entry(subject.clone()) {
            Entry::Occupied(sender) => {
                let mut changes = sender.get().subscribe();
                // What is known may be newer than what the follower has seen.
                changes.mark_changed();
                changes
            }
            Entry::Vacant(place) => {
                let (sender, changes) = watch::channel(None);
                place.insert(sender);
                tokio::spawn(look_after(gateway.clone(), subject));
                changes
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Subject, watch::Sender<Option<Arc<Snapshot>>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `false`: nobody follows any more, and it is forgotten. Decided under the lock, so that nobody begins to follow in
    /// between.
    fn tell(&self, subject: &Subject, snapshot: Option<Arc<Snapshot>>) -> bool {
        let mut all = self.lock();
        let Some(sender) = all.get(subject) else {
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
            all.remove(subject);
        }
        goes_on
    }
}

async fn look_after(gateway: Arc<Gateway>, subject: Subject) {
    loop {
        let begun = Instant::now();
        match subject.look(&gateway).await {
            Ok(snapshot) => {
                if !gateway.watchers.tell(&subject, Some(Arc::new(snapshot))) {
                    return;
                }
            }
            Err(problem) if problem.status().is_client_error() => {
                gateway.watchers.tell(&subject, None);
                return;
            }
            // It may pass, and the log has it from where it arose.
            Err(_) => {}
        }
        if gateway.drain.is_cancelled() {
            return;
        }
        // Where looking is slow, it still takes but a tenth of the time.
        sleep(subject.pause().max(begun.elapsed() * 9)).await;
    }
}
