//! The caller of a request, for handlers: its name for the audit log, and which documents it may see and change.

use super::streams::{self, Streams};
use crate::problem::{Problem, internal};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;
use store::{Key, Reach, Scope};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone)]
pub struct Who(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// No key is needed yet.
    Nobody(&'static str),
    Holder {
        key: Key,
        signed_in: bool,
        streams: Arc<Streams>,
    },
}

impl Who {
    pub(super) fn nobody(called: &'static str) -> Who {
        Who(Kind::Nobody(called))
    }

    pub(super) fn holder(key: Key, signed_in: bool, streams: Arc<Streams>) -> Who {
        Who(Kind::Holder {
            key,
            signed_in,
            streams,
        })
    }

    /// The caller's name in the audit log.
    pub fn name(&self) -> &str {
        match &self.0 {
            Kind::Nobody(called) => called,
            Kind::Holder { key, .. } => &key.name,
        }
    }

    pub fn may(&self, scope: Scope) -> bool {
        match &self.0 {
            Kind::Nobody(_) => true,
            Kind::Holder { key, .. } => key.allows(scope),
        }
    }

    /// The caller's key. `None` while no key is needed.
    pub fn key(&self) -> Option<&Key> {
        match &self.0 {
            Kind::Nobody(_) => None,
            Kind::Holder { key, .. } => Some(key),
        }
    }

    /// The documents that may be looked at.
    pub fn sees(&self) -> Reach {
        self.key().map(Key::sees).unwrap_or_default()
    }

    /// The documents that may be changed.
    pub fn acts_on(&self) -> Reach {
        self.key().map(Key::acts_on).unwrap_or_default()
    }

    /// Resolves when an event stream that is opened now has to end.
    pub fn stream_ends(&self, drain: CancellationToken) -> impl Future<Output = ()> + Send + use<> {
        let key = match &self.0 {
            Kind::Nobody(_) => None,
            Kind::Holder { key, streams, .. } => Some((streams.clone(), key.id)),
        };
        streams::end(drain, key)
    }

    /// Whether the caller came with a session, which can be ended.
    pub fn is_signed_in(&self) -> bool {
        matches!(self.0, Kind::Holder { signed_in: true, .. })
    }

    /// Whether the caller showed a key or a session. `false` while no key is needed.
    pub fn is_known(&self) -> bool {
        matches!(self.0, Kind::Holder { .. })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Who, Problem> {
        let who = parts.extensions.get::<Who>().cloned();
        who.ok_or_else(|| internal(&"nobody asked who this is: the route lies outside access::check"))
    }
}
