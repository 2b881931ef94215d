//! `docfleet up`: the whole fleet on one machine.
//!
//! It consists of two supervising processes. The *front*, which the operator started, is the guard: it starts the *inner*
//! process, restarts it when it dies, and forwards signals. The inner process runs everything else and restarts crashed
//! processes. If the front is killed, the inner process continues until it is told to stop. If the inner process is killed, all
//! processes that it started die with it, and the front starts the fleet again. Tasks survive both, because a task is a row
//! with a lease.

mod address;
mod front;
mod inner;
mod part;
mod pauses;
mod plan;
mod samples;
mod slots;

pub use front::up;
pub use inner::run;
pub use part::{Part, Program};
pub use plan::Options;
pub use slots::Slots;

/// Exit status of a fleet that could not start. Its log says why, and a retry would not help.
pub const CANNOT_START: u8 = 3;
