//! Type-erased jobs, for the supervisor and the child. Each of them decodes a payload, an input and an output once per run.

use crate::failure::Failure;
use crate::handle::RunHandle;
use crate::job::{Job, SupervisorJob, Task};
use broker::Claimed;
use futures_util::future::BoxFuture;
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::{Payload, Queue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::path::Path;
use tokio_postgres::Transaction;

/// JSON that is passed on without being decoded.
pub type Raw = Box<RawValue>;

pub type BoxedRun<C> = Box<dyn ErasedRun<C>>;

/// What the supervisor knows of a kind of task.
pub struct Kind<C> {
    pub name: &'static str,
    /// The queues that its tasks may be in, the most urgent first.
    pub queues: Vec<Queue>,
    pub runs_in: RunsIn,
    begin: fn(&Value) -> serde_json::Result<BoxedRun<C>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsIn {
    Supervisor,
    Child {
        /// Whether a run can stop between two steps.
        gives_way: bool,
        /// Whether the child opens uploaded files.
        opens_uploads: bool,
    },
}

impl<C: 'static> Kind<C> {
    pub fn of<J: Job<Context = C>>() -> Kind<C> {
        Kind {
            name: J::Payload::KIND,
            queues: queues::<J::Payload>(),
            runs_in: RunsIn::Child {
                gives_way: J::GIVES_WAY,
                opens_uploads: J::OPENS_UPLOADS,
            },
            begin: |payload| {
                let (payload, published) = (J::Payload::deserialize(payload)?, None);
                Ok(Box::new(ChildRun::<J> { payload, published }))
            },
        }
    }

    pub fn of_supervisor<J: SupervisorJob<Context = C>>() -> Kind<C> {
        Kind {
            name: J::Payload::KIND,
            queues: queues::<J::Payload>(),
            runs_in: RunsIn::Supervisor,
            begin: |payload| {
                let payload = J::Payload::deserialize(payload)?;
                Ok(Box::new(SupervisorRun::<J> { payload }))
            },
        }
    }

    /// # Errors
    /// If the payload cannot be decoded.
    pub fn begin(&self, claimed: &Claimed) -> serde_json::Result<BoxedRun<C>> {
        (self.begin)(&claimed.payload)
    }
}

impl<C> Kind<C> {
    pub fn gives_way(&self) -> bool {
        matches!(self.runs_in, RunsIn::Child { gives_way: true, .. })
    }
}

fn queues<P: Payload>() -> Vec<Queue> {
    let lanes = [Some(P::QUEUE.urgent()), Some(P::QUEUE), P::HEAVY];
    lanes.into_iter().flatten().collect()
}

/// What a run works with in the supervisor.
pub struct Scope<'a, C> {
    pub context: &'a C,
    pub claimed: &'a Claimed,
    pub scratch: &'a Path,
}

impl<C> Clone for Scope<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Scope<'_, C> {}

impl<'a, C> Scope<'a, C> {
    fn task<P>(&self, payload: &'a P) -> Task<'a, P> {
        Task {
            payload,
            claimed: self.claimed,
            scratch: self.scratch,
        }
    }
}

/// One run of a task in the supervisor. It holds the payload and, until the commit, what was published.
pub trait ErasedRun<C>: Send + Sync {
    /// Prepares the input for the child.
    fn prepare<'a>(&'a self, scope: Scope<'a, C>) -> BoxFuture<'a, Result<Raw, Failure>>;
    /// `output`: the child's answer.
    fn publish<'a>(&'a mut self, scope: Scope<'a, C>, output: &'a RawValue) -> BoxFuture<'a, Result<(), Failure>>;
    fn commit<'a>(&'a self, scope: Scope<'a, C>, tx: &'a Transaction<'_>) -> BoxFuture<'a, broker::Result<()>>;
}

struct ChildRun<J: Job> {
    payload: J::Payload,
    published: Option<J::Published>,
}

impl<J: Job> ErasedRun<J::Context> for ChildRun<J> {
    fn prepare<'a>(&'a self, scope: Scope<'a, J::Context>) -> BoxFuture<'a, Result<Raw, Failure>> {
        Box::pin(async move {
            let input = J::prepare(scope.context, &scope.task(&self.payload)).await?;
            to_raw_value(&input).map_err(Failure::transient)
        })
    }

    fn publish<'a>(
        &'a mut self,
        scope: Scope<'a, J::Context>,
        output: &'a RawValue,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let output = decode("output", output)?;
            let published = J::publish(scope.context, &scope.task(&self.payload), output).await?;
            self.published = Some(published);
            Ok(())
        })
    }

    fn commit<'a>(
        &'a self,
        scope: Scope<'a, J::Context>,
        tx: &'a Transaction<'_>,
    ) -> BoxFuture<'a, broker::Result<()>> {
        Box::pin(async move {
            let Some(published) = &self.published else {
                return Err(broker::Error::other("a run was committed before it was published"));
            };
            J::commit(scope.context, tx, &scope.task(&self.payload), published).await
        })
    }
}

struct SupervisorRun<J: SupervisorJob> {
    payload: J::Payload,
}

impl<J: SupervisorJob> ErasedRun<J::Context> for SupervisorRun<J> {
    fn prepare<'a>(&'a self, _: Scope<'a, J::Context>) -> BoxFuture<'a, Result<Raw, Failure>> {
        Box::pin(async { to_raw_value(&()).map_err(Failure::transient) })
    }

    fn publish<'a>(&'a mut self, scope: Scope<'a, J::Context>, _: &'a RawValue) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move { J::run(scope.context, &scope.task(&self.payload)).await })
    }

    fn commit<'a>(
        &'a self,
        scope: Scope<'a, J::Context>,
        tx: &'a Transaction<'_>,
    ) -> BoxFuture<'a, broker::Result<()>> {
        Box::pin(async move { J::commit(scope.context, tx, &scope.task(&self.payload)).await })
    }
}

/// What a child knows of a kind of task.
pub struct ChildKind<T> {
    pub name: &'static str,
    pub run: fn(&mut T, payload: &RawValue, input: &RawValue, &mut RunHandle) -> Result<Raw, Failure>,
}

impl<T> ChildKind<T> {
    pub fn of<J: Job<Tools = T>>() -> ChildKind<T> {
        ChildKind {
            name: J::Payload::KIND,
            run: |tools, payload, input, run| {
                let output = J::run(tools, decode("payload", payload)?, decode("input", input)?, run)?;
                to_raw_value(&output).map_err(Failure::transient)
            },
        }
    }
}

fn decode<T: DeserializeOwned>(what: &str, json: &RawValue) -> Result<T, Failure> {
    serde_json::from_str(json.get()).map_err(|error| {
        let message = format!("the task's {what} cannot be read: {error}");
        Failure::permanent(DocumentError::new(ErrorCode::Internal, message))
    })
}
