//! Data about tasks that the broker's modules exchange.

use queue_schema::document::{DocumentError, Stage};
use queue_schema::{Outcome, Queue, State, TraceId};
use serde_json::Value;
use uuid::Uuid;

/// What Redis has to know about a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Enqueued {
    pub id: Uuid,
    pub queue: Queue,
    pub urgent: bool,
    pub rank: i64,
    pub state: State,
}

/// Identifies a run of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub id: Uuid,
    pub token: Uuid,
    pub document: Option<Uuid>,
}

/// A task whose run just ended, with what [`crate::Follow`] needs to decide which tasks follow.
#[derive(Debug, Clone)]
pub struct Ended {
    pub id: Uuid,
    pub queue: Queue,
    pub kind: String,
    pub payload: Value,
    pub document: Option<Uuid>,
    pub stage: Option<Stage>,
    pub version: i32,
    pub urgent: bool,
    pub rank: i64,
    pub flow: String,
    pub outcome: Outcome,
    /// The task's new state: terminal, or waiting for another run.
    pub state: State,
    pub error: Option<DocumentError>,
    pub trace: Option<TraceId>,
}
