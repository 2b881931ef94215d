//! What every worker binary is made of.
//!
//! A worker process is a *supervisor* (async: it claims, renews, limits, drains and commits) and *children*, one per slot:
//! the same binary, executed anew, that runs one task at a time without credentials. Documents are parsed in children
//! only, so whatever a document does, the supervisor lives.
//!
//! ```no_run
//! # use kit::{Desk, Failure, Job, Task};
//! # use queue_schema::{Payload, Queue};
//! # #[derive(serde::Serialize, serde::Deserialize)]
//! # struct Greet { name: String }
//! # impl Payload for Greet { const KIND: &'static str = "greet"; const QUEUE: Queue = Queue::Maintenance; }
//! struct Greeting;
//!
//! impl Job for Greeting {
//!     type Payload = Greet;
//!     type Output = String;
//!     type Tools = ();
//!     type Home = broker::Broker;
//!
//!     fn run(_: &mut (), greet: Greet, _: &mut Desk) -> Result<String, Failure> {
//!         Ok(format!("hello, {}", greet.name))
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
mod control;
mod desk;
mod echo;
mod ending;
mod events;
mod family;
mod frame;
mod give_way;
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

pub use desk::Desk;
pub use events::METRICS;
pub use job::{Failure, Job, Task, Tools};
pub use sandbox::Access;
pub use worker::{Unemployed, Worker, worker};
