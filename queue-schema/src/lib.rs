//! The contract between all docfleet processes. Pure data and functions: no runtime, no database, no network.

pub mod content_type;
pub mod document;
pub mod invariants;
pub mod migrations;
mod names;
pub mod payload;
pub mod policy;
pub mod queue;
pub mod schedule;
pub mod shortage;
pub mod state;
pub mod stems;
pub mod summary;
mod trace;
pub mod wake;

pub use names::UnknownName;
pub use payload::Payload;
pub use policy::Policy;
pub use queue::{Queue, WORKERS, Worker};
pub use shortage::Shortage;
pub use state::{Outcome, State};
pub use trace::TraceId;
