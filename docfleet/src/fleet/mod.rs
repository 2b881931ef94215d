//! `docfleet up`: the whole fleet on one machine.
//!
//! Two processes keep it. The *front*, which the operator started, only guards: it starts the *inner* process, starts it
//! again should it die, and passes signals on. The inner process runs everything else and starts again what dies. Should
//! the front be killed, the inner process goes on until it is told to stop; should the inner process be killed, all that
//! it started dies with it, and the front begins anew. Tasks survive either, since a task is a row with a lease.

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

/// Exit status of a fleet that could not start: its log says why. Trying again would not help.
pub const CANNOT_START: u8 = 3;
