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

/// What a child keeps between tasks because it is expensive to make, such as engines and models.
pub trait Tools: Sized {
    /// Called once, before the child takes its first task.
    ///
    /// # Errors
    /// A message that says what is missing and how to get it. A worker whose children cannot start exits with this message.
    fn warm(settings: &Settings) -> Result<Self, String>;

    /// Files and folders that these tools, and the runs that use them, open. A child's sandbox allows no others, except for the
    /// run's own folder and what the system's libraries and programs need.
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
    /// This run's folder, where the child reads its inputs and leaves its files. Links in it are replaced by the files that
    /// they point to before the child gets it. While the child works, only it uses the folder. Removed when the run has
    /// ended.
    pub scratch: &'a Path,
}

impl<P> Task<'_, P> {
    /// The path of a file that the child left, by the name that [`RunHandle::name`] gave it.
    ///
    /// # Errors
    /// For a path outside the run's folder: a compromised child must not make the supervisor read other files.
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

/// A kind of task that opens documents. The supervisor, which has access to the database and the object store, prepares,
/// publishes and commits it. A child, which has access to neither, runs it. [`broker::Follow`] decides which tasks follow.
pub trait Job: Send + Sync + 'static {
    type Payload: Payload;
    /// The child's input. Large inputs are files in the run's folder.
    type Input: Serialize + DeserializeOwned + Send + Sync;
    /// The child's answer.
    type Output: Serialize + DeserializeOwned + Send + Sync;
    /// What remains to be committed once the child's files are stored.
    type Published: Send + Sync;
    type Tools: Tools;
    type Context: JobContext;
    /// Whether `run` checks [`RunHandle::should_give_way`] between the steps that it reports, and the remaining steps become a
    /// new task.
    const GIVES_WAY: bool = false;
    /// Whether `run` opens uploaded files. Such a file may compromise its child, so the child then serves no other project.
    const OPENS_UPLOADS: bool = true;

    /// Prepares the child's input. Large inputs are put into the run's folder.
    fn prepare(
        context: &Self::Context,
        task: &Task<'_, Self::Payload>,
    ) -> impl Future<Output = Result<Self::Input, Failure>> + Send;

    /// Does the work, in the child.
    ///
    /// # Errors
    /// [`Failure::permanent`] if every run would fail, [`Failure::transient`] if another run might succeed.
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

    /// Writes the results, in the transaction that also ends the task. Called again if that transaction fails and is retried.
    fn commit(
        context: &Self::Context,
        tx: &Transaction<'_>,
        task: &Task<'_, Self::Payload>,
        published: &Self::Published,
    ) -> impl Future<Output = broker::Result<()>> + Send;
}

/// A kind of task that only touches rows and objects. The supervisor runs it without a child, but with the same lease, time
/// limit and endings.
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
