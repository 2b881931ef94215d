//! Polls what clients follow. All followers of the same subject share one poll.

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

/// What can be followed, and which documents the caller may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    Document(Uuid, Reach),
    /// A list of documents, up to the length of one answer.
    List(Box<Listing>, Reach),
}

/// The state of a subject at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Identifies the content: the same state has the same id in every gateway.
    pub id: String,
    /// Sent to followers.
    pub data: String,
    pub ended: bool,
}

impl Subject {
    /// The name of its events.
    pub fn event(&self) -> &'static str {
        match self {
            Subject::Document(..) => "document",
            Subject::List(..) => "list",
        }
    }

    /// Interval between two polls. Postgres sends no signal when a document changes.
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
            // Followers of a list only learn that it changed. They then request the page, which differs from this JSON.
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

/// The subjects being followed.
#[derive(Default)]
pub struct Watchers(Mutex<HashMap<Subject, watch::Sender<Option<Arc<Snapshot>>>>>);

impl Watchers {
    /// The subject's states from now on. `None` until the first poll; closed once the subject has ended or is gone.
    pub fn follow(gateway: &Arc<Gateway>, subject: Subject) -> Changes {
        let mut all = gateway.watchers.lock();
        match all.entry(subject.clone()) {
            Entry::Occupied(sender) => {
                let mut changes = sender.get().subscribe();
                // The known state may be newer than the follower's.
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

    /// Publishes a state. `false`: the subject has no followers left, has ended or is gone, and is forgotten. Decided under the
    /// lock, so that no new follower is missed.
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
            // May be transient, and was logged where it occurred.
            Err(_) => {}
        }
        if gateway.drain.is_cancelled() {
            return;
        }
        // Even if polls are slow, they take at most a tenth of the time.
        sleep(subject.pause().max(begun.elapsed() * 9)).await;
    }
}
