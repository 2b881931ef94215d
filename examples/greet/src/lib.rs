//! A worker in full, to begin your own with: it greets, and the greeting is in the audit log. See CONTRIBUTING.md.

use broker::{Broker, audit};
use kit::{Failure, Job, RunHandle, Task};
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::{Payload, Queue};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio_postgres::Transaction;

/// What travels with a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Greet {
    pub name: String,
}

impl Payload for Greet {
    const KIND: &'static str = "greet";
    const QUEUE: Queue = Queue::Maintenance;
}

pub struct Greeting;

impl Job for Greeting {
    type Payload = Greet;
    type Input = ();
    type Output = String;
    type Published = String;
    type Tools = ();
    type Context = Broker;

    /// In the supervisor: brings what the child needs.
    async fn prepare(_: &Broker, _: &Task<'_, Greet>) -> Result<(), Failure> {
        Ok(())
    }

    /// In a child, without database and network: does the work.
    fn run(_: &mut (), greet: Greet, (): (), run: &mut RunHandle) -> Result<String, Failure> {
        if greet.name.trim().is_empty() {
            let error = DocumentError::new(ErrorCode::Internal, "there is no name to greet; give one");
            return Err(Failure::permanent(error));
        }
        run.progress(1, 1);
        Ok(format!("Hello, {}!", greet.name))
    }

    /// In the supervisor: stores the files that the child left. Here are none.
    async fn publish(_: &Broker, _: &Task<'_, Greet>, greeting: String) -> Result<String, Failure> {
        Ok(greeting)
    }

    /// In the transaction that ends the task: writes the results.
    async fn commit(_: &Broker, tx: &Transaction<'_>, task: &Task<'_, Greet>, greeting: &String) -> broker::Result<()> {
        let detail = json!({"greeting": greeting});
        audit::note(tx, "worker-greet", "greeting", &task.payload.name, &detail).await
    }
}
