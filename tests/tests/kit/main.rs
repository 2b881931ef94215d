//! Tests of the kit that all workers use, with real servers, real processes, and tasks that misbehave in every known way.

mod bombs;
mod crashes;
mod draining;
mod endings;
mod faults;
mod giving_way;
mod kernel;
mod leases;
mod limits;
mod logs;
mod outages;
mod process;
mod recycling;
mod room;
mod sandbox;
mod scratch;
mod support;
mod worker;
