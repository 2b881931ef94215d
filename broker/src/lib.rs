//! How tasks are stored and processed: Postgres decides, Redis only wakes.
//!
//! Each operation has a file, and each statement a `.sql` file. No other crate writes to the task tables. Every operation that
//! changes tasks of a document first takes the document's lock ([`lock`]). So when the last two pages end at the same time, one
//! of them sees the other, and the next stage is enqueued once.

pub mod audit;
mod await_server;
mod backend;
mod cancel;
mod claim;
mod claimer;
mod end;
mod enqueue;
mod error;
mod events;
pub mod fault;
mod forget;
pub mod inspect;
mod next_in_line;
mod postgres;
mod queues;
mod reap;
mod reconcile;
mod release;
mod renew;
mod retry;
mod schedule;
mod stages;
mod task;
mod wake;
mod workers;

pub use await_server::await_server;
pub use backend::TaskSource;
pub use cancel::{cancel, cancel_document};
pub use claim::Claimed;
pub use claimer::Claimer;
pub use end::{Commit, Follow, Usage};
pub use enqueue::NewTask;
pub use error::{Error, Result, is_transient};
pub use events::METRICS;
pub use inspect::{QueueFigures, TaskRow, TaskSearch, WorkerRow};
pub use next_in_line::NextInLine;
pub use postgres::{connect, explain};
pub use renew::{Renewal, Renewed};
pub use retry::{dismiss, dismiss_of_document};
pub use schedule::LastFire;
pub use stages::{StageTasks, live_in_stage, stages_of_documents, work_of_document};
pub use task::{Ended, Enqueued, Run};
pub use wake::{Waiter, Wake};
pub use workers::{Condition, Registration};

use deadpool_postgres::Pool;
use queue_schema::{Policy, Queue};
use settings::{LEASE_SECONDS, Settings};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Transaction;
use uuid::Uuid;

/// A handle on the fleet's tasks; cheap to clone.
#[derive(Clone)]
pub struct Broker {
    /// For what must survive a crash of the server: enqueueing and completion.
    pool: Pool,
    /// Connections whose commits do not wait for the disk, for claims, renewals and heartbeats. If the server crashes and loses
    /// a claim, the task is ready again, and the token fences off the run that went on.
    hasty: Pool,
    wake: Wake,
    policies: Arc<HashMap<Queue, Policy>>,
    follow: Arc<dyn Follow>,
    lease: Duration,
}

impl Broker {
    /// Connects to Postgres, migrates its schema, and prepares the connection to Redis, which may be down.
    ///
    /// `follow` decides which tasks follow one that ended, in the same transaction.
    ///
    /// # Errors
    /// [`Error::NewerSchema`] and [`Error::Setting`] have to be fixed by a person. If Postgres is away, the error is transient
    /// ([`Error::is_transient`]).
    pub async fn open(settings: &Settings, follow: Arc<dyn Follow>) -> Result<Broker> {
        let pool = postgres::connect(settings, postgres::Durability::Full).await?;
        postgres::migrate(&pool).await?;
        let wake = Wake::new(settings)?;
        wake.check_eviction().await?;
        Ok(Broker {
            hasty: postgres::connect(settings, postgres::Durability::Hasty).await?,
            pool,
            wake,
            policies: Arc::new(Queue::ALL.iter().map(|q| (*q, q.policy(settings))).collect()),
            follow,
            lease: settings.get(LEASE_SECONDS),
        })
    }

    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    pub fn wake(&self) -> &Wake {
        &self.wake
    }

    pub fn lease(&self) -> Duration {
        self.lease
    }

    pub fn policy(&self, queue: Queue) -> &Policy {
        &self.policies[&queue]
    }
}

/// Locks a document: other transactions that change its tasks wait until this one ends. Taken before any row lock, so that
/// the order of locks is the same everywhere.
pub async fn lock(tx: &Transaction<'_>, document: Uuid) -> Result<()> {
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&lock_key(document)])
        .await?;
    Ok(())
}

/// As [`lock`], but does not wait. `false`: another transaction holds the lock.
pub(crate) async fn try_lock(tx: &Transaction<'_>, document: Uuid) -> Result<bool> {
    let row = tx
        .query_one("SELECT pg_try_advisory_xact_lock($1)", &[&lock_key(document)])
        .await?;
    Ok(row.get(0))
}

fn lock_key(document: Uuid) -> i64 {
    let (high, low) = document.as_u64_pair();
    (high ^ low) as i64
}

/// What a worker's jobs use in the supervisor, such as the broker. Opened once, from the settings.
pub trait JobContext: Clone + Send + Sync + 'static {
    fn open(settings: &Settings) -> impl Future<Output = Result<Self>> + Send;
    fn broker(&self) -> &Broker;
    /// The project to which a task belongs. A child process that has opened an upload runs only tasks of that upload's project.
    fn project(&self, claimed: &Claimed) -> impl Future<Output = Result<String>> + Send;
}

impl JobContext for Broker {
    async fn open(settings: &Settings) -> Result<Self> {
        Broker::open(settings, Arc::new(())).await
    }

    fn broker(&self) -> &Broker {
        self
    }

    /// The broker does not know documents or their projects, so it uses the task's flow.
    async fn project(&self, claimed: &Claimed) -> Result<String> {
        Ok(claimed.flow.clone())
    }
}
