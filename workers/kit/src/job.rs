//! What a developer writes: one job for each kind of task.

use crate::failure::Failure;
use crate::handle::RunHandle;
use crate::sandbox::Access;
use broker::{Claimed, JobContext};
use queue_schema::Payload;
use serde::{Serialize, de::DeserializeOwned};
use settings::Settings;
use std::path::{Component, Path, PathBuf};
use tokio_postgres::Transaction;

/// What a child keeps between tasks, because it is expensive to make: engines, models.
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
    /// A file that the child left, by the name that [`RunHandle::name`] gave it.
    ///
    /// # Errors
    /// A child that was taken over must not make us read what is not its own.
    pub fn file(&self, name: &Path) -> Result<PathBuf, Failure> {
        if name.components().all(|part| matches!(part, Component::Normal(_))) {
            return Ok(self.scratch.join(name));
        }
        let name = name.display();
        Err(Failure::transient(format!(
            "a file outside the run's folder was named: {name}"
        )))
    }
}

/// A kind of task that looks at documents: prepared, published and committed by the supervisor, which has the database and
/// the object store, and run by a child, which has neither. What follows its end is decided by [`broker::Follow`].
pub trait Job: Send + Sync + 'static {
    type Payload: Payload;
    /// What the child is handed. What is large lies in the run's folder.
    type Input: Serialize + DeserializeOwned + Send + Sync;
    /// What the child answers with.
    type Output: Serialize + DeserializeOwned + Send + Sync;
    /// What is left to be written once the child's files are stored.
    type Published: Send + Sync;
    type Tools: Tools;
    type Context: JobContext;
    /// Whether `run` looks at [`RunHandle::should_give_way`] between the steps that it reports, and what is left becomes a task
    /// again.
    const GIVES_WAY: bool = false;
    /// Whether `run` opens files as they were uploaded. What such a file did to its child then meets no other project.
    const OPENS_UPLOADS: bool = true;

    /// Brings what the child needs, large things into the run's folder.
    fn prepare(
        context: &Self::Context,
        task: &Task<'_, Self::Payload>,
    ) -> impl Future<Output = Result<Self::Input, Failure>> + Send;

    /// Does the work, in the child.
    ///
    /// # Errors
    /// [`Failure::permanent`] where every run would fail, [`Failure::transient`] where another might not.
    fn run(
        tools: &mut Self::Tools,
        payload: Self::Payload,
        input: Self::Input,
        run: &mut RunHandle,
    ) -> Result<Self::Output, Failure>;

    /// Stores the files that the child left, before the transaction.
    fn publish(
        context: &Self::Context,
        task: &Task<'_, Self::Payload>,
        output: Self::Output,
    ) -> impl Future<Output = Result<Self::Published, Failure>> + Send;

    /// Writes the results, in the transaction that also ends the task. May be called again where that one fails.
    fn commit(
        context: &Self::Context,
        tx: &Transaction<'_>,
        task: &Task<'_, Self::Payload>,
        published: &Self::Published,
    ) -> impl Future<Output = broker::Result<()>> + Send;
}

/// A kind of task that touches rows and objects alone. The supervisor runs it without a child, under the same lease, time limit
/// and endings.
pub trait SupervisorJob: Send + Sync + 'static {
    type Payload: Payload;
    type Context: JobContext;

    /// Does the work, before the transaction.
    fn run(context: &Self::Context, task: &Task<'_, Self::Payload>)
    -> impl Future<Output = Result<(), Failure>> + Send;

    /// Writes what is to be written together with the task's end.
    fn commit(
        _context: &Self::Context,
        _tx: &Transaction<'_>,
        _task: &Task<'_, Self::Payload>,
    ) -> impl Future<Output = broker::Result<()>> + Send {
        async { Ok(()) }
    }
}
