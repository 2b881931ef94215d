//! What a developer writes: one job for each kind of task.

use crate::Desk;
use crate::sandbox::Access;
use broker::{Claimed, Home, NewTask};
use futures_util::future::BoxFuture;
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::{Payload, Queue};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use settings::Settings;
use std::marker::PhantomData;
use std::path::{Component, Path, PathBuf};
use tokio_postgres::Transaction;

/// What a child keeps between tasks, because it is dear to make: engines, models.
pub trait Tools: Sized {
    /// Called once, before the child takes its first task.
    ///
    /// # Errors
    /// A sentence that says what is missing and how to get it. A worker whose children cannot start ends with it.
    fn warm(settings: &Settings) -> Result<Self, String>;

    /// Files and folders that these tools, and the runs that use them, open; beyond the run's own folder and what the
    /// system's libraries and programs need, a child's sandbox has no others.
    fn needs(_: &Settings) -> Access {
        Access::default()
    }
}

impl Tools for () {
    fn warm(_: &Settings) -> Result<Self, String> {
        Ok(())
    }
}

/// A claimed task as its job sees it in the supervisor.
pub struct Task<'a, P> {
    pub payload: &'a P,
    pub claimed: &'a Claimed,
    /// This run's folder: the child reads its inputs and leaves its files here. What is linked to is there for the child
    /// as a file. While it works the child has the folder to itself. Gone when the run has ended.
    pub scratch: &'a Path,
}

impl<P> Task<'_, P> {
    /// A file that the child left, by the name that [`Desk::name`] gave it.
    ///
    /// # Errors
    /// A child that was taken over must not make us read what is not its own.
    pub fn file(&self, name: &Path) -> Result<PathBuf, Failure> {
        if name.components().all(|part| matches!(part, Component::Normal(_))) {
            return Ok(self.scratch.join(name));
        }
        let name = name.display();
        Err(Failure::passing(format!(
            "a file outside the run's folder was named: {name}"
        )))
    }
}

/// Why a run did not succeed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub error: DocumentError,
    /// Another run might succeed.
    pub passing: bool,
}

impl Failure {
    /// Every run would meet this.
    pub fn lasting(error: DocumentError) -> Failure {
        Failure { error, passing: false }
    }

    /// Trouble of ours, not of the document: worth another run.
    pub fn passing(what: impl std::fmt::Display) -> Failure {
        Failure {
            error: DocumentError::new(ErrorCode::Internal, what.to_string()),
            passing: true,
        }
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Failure::lasting(error)
    }
}

/// One kind of task: how it is prepared, run and committed.
///
/// `run` is the only part that touches a document's content, and it runs in a child; the others run in the supervisor,
/// which has the database and the object store.
pub trait Job: Send + Sync + 'static {
    type Payload: Payload;
    type Output: Serialize + DeserializeOwned + Send + Sync;
    type Tools: Tools;
    type Home: Home;
    /// Whether `run` looks at [`Desk::should_give_way`] between the steps that it reports, and `commit` makes what is left a
    /// task again.
    const GIVES_WAY: bool = false;
    /// Whether `run` opens files as they were uploaded. What such a file did to its child then meets no other project.
    const OPENS_UPLOADS: bool = true;

    /// Brings what the child needs into the scratch folder.
    fn prepare(
        _home: &Self::Home,
        _task: &Task<'_, Self::Payload>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        async { Ok(()) }
    }

    /// Does the work, in the child.
    ///
    /// # Errors
    /// [`Failure::lasting`] where every run would fail, [`Failure::passing`] where another might not.
    fn run(tools: &mut Self::Tools, payload: Self::Payload, desk: &mut Desk) -> Result<Self::Output, Failure>;

    /// Stores the files that the child left in the scratch folder, before the transaction; may note in the output where.
    fn publish(
        _home: &Self::Home,
        _task: &Task<'_, Self::Payload>,
        _output: &mut Self::Output,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        async { Ok(()) }
    }

    /// Writes the results, in the transaction that also ends the task, and says what follows.
    fn commit(
        _home: &Self::Home,
        _tx: &Transaction<'_>,
        _task: &Task<'_, Self::Payload>,
        _output: &Self::Output,
    ) -> impl Future<Output = broker::Result<Vec<NewTask>>> + Send {
        async { Ok(Vec::new()) }
    }
}

/// A job as the supervisor drives it, whatever its types.
pub(crate) trait Office<H>: Send + Sync {
    fn kind(&self) -> &'static str;
    /// Where its tasks may lie, the most urgent first.
    fn queues(&self) -> Vec<Queue>;
    /// Whether a run can be cut short between two steps.
    fn gives_way(&self) -> bool;
    /// Whether the child opens files as they were uploaded.
    fn opens_uploads(&self) -> bool;
    /// What is wrong with this payload, if anything.
    fn check(&self, payload: &Value) -> Result<(), String>;
    fn prepare<'a>(
        &'a self,
        home: &'a H,
        claimed: &'a Claimed,
        scratch: &'a Path,
    ) -> BoxFuture<'a, Result<(), Failure>>;
    fn publish<'a>(
        &'a self,
        home: &'a H,
        claimed: &'a Claimed,
        scratch: &'a Path,
        output: Value,
    ) -> BoxFuture<'a, Result<Value, Failure>>;
    fn commit<'a>(
        &'a self,
        home: &'a H,
        tx: &'a Transaction<'_>,
        claimed: &'a Claimed,
        scratch: &'a Path,
        output: &'a Value,
    ) -> BoxFuture<'a, broker::Result<Vec<NewTask>>>;
}

/// A job as the child runs it.
pub(crate) trait Bench<T>: Send + Sync {
    fn kind(&self) -> &'static str;
    fn run(&self, tools: &mut T, payload: Value, desk: &mut Desk) -> Result<Value, Failure>;
}

pub(crate) struct Of<J>(pub PhantomData<J>);

fn decode<T: DeserializeOwned>(what: &str, value: &Value) -> Result<T, Failure> {
    T::deserialize(value).map_err(|e| {
        Failure::lasting(DocumentError::new(
            ErrorCode::Internal,
            format!("the task's {what} cannot be read: {e}"),
        ))
    })
}

impl<J: Job> Office<J::Home> for Of<J> {
    fn kind(&self) -> &'static str {
        J::Payload::KIND
    }

    fn queues(&self) -> Vec<Queue> {
        let normal = J::Payload::QUEUE;
        [Some(normal.urgent()), Some(normal), J::Payload::HEAVY]
            .into_iter()
            .flatten()
            .collect()
    }

    fn gives_way(&self) -> bool {
        J::GIVES_WAY
    }

    fn opens_uploads(&self) -> bool {
        J::OPENS_UPLOADS
    }

    fn check(&self, payload: &Value) -> Result<(), String> {
        J::Payload::deserialize(payload).map(drop).map_err(|e| e.to_string())
    }

    fn prepare<'a>(
        &'a self,
        home: &'a J::Home,
        claimed: &'a Claimed,
        scratch: &'a Path,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let payload = &decode("payload", &claimed.payload)?;
            J::prepare(
                home,
                &Task {
                    payload,
                    claimed,
                    scratch,
                },
            )
            .await
        })
    }

    fn publish<'a>(
        &'a self,
        home: &'a J::Home,
        claimed: &'a Claimed,
        scratch: &'a Path,
        output: Value,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(async move {
            let payload = &decode("payload", &claimed.payload)?;
            let mut output: J::Output = decode("output", &output)?;
            J::publish(
                home,
                &Task {
                    payload,
                    claimed,
                    scratch,
                },
                &mut output,
            )
            .await?;
            serde_json::to_value(output).map_err(Failure::passing)
        })
    }

    fn commit<'a>(
        &'a self,
        home: &'a J::Home,
        tx: &'a Transaction<'_>,
        claimed: &'a Claimed,
        scratch: &'a Path,
        output: &'a Value,
    ) -> BoxFuture<'a, broker::Result<Vec<NewTask>>> {
        Box::pin(async move {
            let payload = &J::Payload::deserialize(&claimed.payload)?;
            let output = J::Output::deserialize(output)?;
            J::commit(
                home,
                tx,
                &Task {
                    payload,
                    claimed,
                    scratch,
                },
                &output,
            )
            .await
        })
    }
}

impl<J: Job> Bench<J::Tools> for Of<J> {
    fn kind(&self) -> &'static str {
        J::Payload::KIND
    }

    fn run(&self, tools: &mut J::Tools, payload: Value, desk: &mut Desk) -> Result<Value, Failure> {
        let output = J::run(tools, decode("payload", &payload)?, desk)?;
        serde_json::to_value(output).map_err(Failure::passing)
    }
}
