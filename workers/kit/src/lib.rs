//! The kit from which every worker binary is built.
//!
//! A worker is a *supervisor* process (async: it claims, renews, limits, drains and commits) and *child processes*, one per
//! slot. A child is the same binary, executed again, and runs one task at a time without credentials. Documents are parsed in
//! children only, so no document can crash the supervisor.
//!
//! ```no_run
//! # use kit::{Failure, Job, RunHandle, Task};
//! # use broker::Broker;
//! # use queue_schema::{Payload, Queue};
//! # use tokio_postgres::Transaction;
//! # #[derive(serde::Serialize, serde::Deserialize)]
//! # struct Greet { name: String }
//! # impl Payload for Greet { const KIND: &'static str = "greet"; const QUEUE: Queue = Queue::Maintenance; }
//! struct Greeting;
//!
//! impl Job for Greeting {
//!     type Payload = Greet;
//!     type Input = ();
//!     type Output = String;
//!     type Published = String;
//!     type Tools = ();
//!     type Context = Broker;
//!
//!     async fn prepare(_: &Broker, _: &Task<'_, Greet>) -> Result<(), Failure> {
//!         Ok(())
//!     }
//!
//!     fn run(_: &mut (), greet: Greet, (): (), _: &mut RunHandle) -> Result<String, Failure> {
//!         Ok(format!("hello, {}", greet.name))
//!     }
//!
//!     async fn publish(_: &Broker, _: &Task<'_, Greet>, greeting: String) -> Result<String, Failure> {
//!         Ok(greeting)
//!     }
//!
//!     async fn commit(_: &Broker, _: &Transaction<'_>, _: &Task<'_, Greet>, greeting: &String) -> broker::Result<()> {
//!         tracing::info!(greeting, "greeted");
//!         Ok(())
//!     }
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     kit::worker("worker-greet", "Greets").job::<Greeting>().run()
//! }
//! ```

mod cgroup;
mod child;
mod child_log;
mod child_output;
mod control;
mod ending;
mod erased;
mod events;
mod failure;
mod family;
mod frame;
mod give_way;
mod handle;
mod heartbeat;
mod job;
mod leases;
mod pool;
mod process;
mod quota;
mod run;
mod sandbox;
mod scratch;
mod settle;
mod supervisor;
mod tree;
mod usage;
mod worker;

pub use events::METRICS;
pub use failure::Failure;
pub use handle::RunHandle;
pub use job::{Job, SupervisorJob, Task, Tools};
pub use sandbox::Access;
pub use worker::{Worker, WorkerBuilder, worker};
