//! A broker with a database of its own, and tasks without meaning.

use broker::{Broker, Claimed, Commit, Ended, Enqueued, Follow, NewTask, Run};
use fleet_tests::{Home, Services};
use futures_util::future::BoxFuture;
use queue_schema::payload::{OpenDocument, RenderPage};
use queue_schema::{Queue, State};
use std::sync::Arc;
use tokio_postgres::Transaction;
use uuid::Uuid;

pub use fleet_tests::PATIENCE;
pub const QUEUES: &[Queue] = &[Queue::Processing];

pub struct Fleet {
    pub home: Home,
    pub broker: Broker,
    pub worker: Uuid,
}

impl Fleet {
    pub async fn new() -> Fleet {
        Fleet::in_home(Services::shared().database(), Arc::new(())).await
    }

    pub async fn following(follow: impl Follow) -> Fleet {
        Fleet::in_home(Services::shared().database(), Arc::new(follow)).await
    }

    pub async fn in_home(home: Home, follow: Arc<dyn Follow>) -> Fleet {
        let broker = Broker::open(&home.settings(), follow).await.unwrap();
        Fleet {
            home,
            broker,
            worker: Uuid::now_v7(),
        }
    }

    /// Enqueues in a transaction of its own, and sends wake-ups.
    pub async fn enqueue(&self, tasks: &[NewTask]) -> Vec<Enqueued> {
        let mut client = self.broker.pool().get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        let enqueued = self.broker.enqueue(&*tx, tasks).await.unwrap();
        tx.commit().await.unwrap();
        self.broker.wake().push_or_leave(&enqueued).await;
        enqueued
    }

    /// Enqueues one task and claims it.
    pub async fn running(&self) -> Claimed {
        self.enqueue(&[task()]).await;
        self.next().await.expect("a task to claim")
    }

    pub async fn next(&self) -> Option<Claimed> {
        self.broker.claim_next(self.worker, QUEUES).await.unwrap()
    }

    pub async fn state(&self, task: Uuid) -> State {
        self.cell::<String>("SELECT state FROM tasks WHERE id = $1", task)
            .await
            .parse()
            .unwrap()
    }

    /// One column of a task.
    pub async fn cell<T: for<'a> tokio_postgres::types::FromSql<'a>>(&self, query: &str, task: Uuid) -> T {
        let client = self.broker.pool().get().await.unwrap();
        client.query_one(query, &[&task]).await.unwrap().get(0)
    }

    /// Changes a task's times, to avoid waiting.
    pub async fn alter(&self, statement: &str, task: Uuid) {
        let client = self.broker.pool().get().await.unwrap();
        assert_eq!(client.execute(statement, &[&task]).await.unwrap(), 1, "{statement}");
    }

    pub async fn batch(&self, statements: &str) {
        let client = self.broker.pool().get().await.unwrap();
        client.batch_execute(statements).await.unwrap();
    }

    pub async fn expire(&self, task: Uuid) {
        self.alter(
            "UPDATE tasks SET lease_until = now() - interval '1 second' WHERE id = $1",
            task,
        )
        .await;
    }
}

/// A task without a document.
pub fn task() -> NewTask {
    let payload = RenderPage {
        document: Uuid::nil(),
        page: 1,
        width: 100,
    };
    NewTask::new(&payload).unwrap()
}

pub fn opening() -> NewTask {
    NewTask::new(&OpenDocument { document: Uuid::nil() }).unwrap()
}

pub fn run_of(claimed: &Claimed) -> Run {
    Run {
        id: claimed.id,
        token: claimed.token,
        document: claimed.document,
    }
}

/// Results of a run: an optional SQL statement.
#[derive(Default)]
pub struct Results {
    pub statement: Option<&'static str>,
}

impl Commit for Results {
    fn commit<'a>(&'a self, tx: &'a Transaction<'_>) -> BoxFuture<'a, broker::Result<()>> {
        Box::pin(async move {
            if let Some(statement) = self.statement {
                tx.execute(statement, &[]).await?;
            }
            Ok(())
        })
    }
}

/// Lets this task follow every task that is done.
pub struct Then(pub NewTask);

impl Follow for Then {
    fn ended<'a>(&'a self, _: &'a Transaction<'_>, task: &'a Ended) -> BoxFuture<'a, broker::Result<Vec<NewTask>>> {
        let next = (task.state == State::Done).then(|| self.0.clone());
        Box::pin(async move { Ok(next.into_iter().collect()) })
    }
}
