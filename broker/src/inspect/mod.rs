//! Read-only views of queues, tasks and workers. The SQL is in `sql/inspect/`.

mod audit;
mod cursor;
mod dead;
mod figures;
mod schedules;
mod task;
mod tasks;
mod why;
mod workers;

pub use audit::AuditRow;
pub use cursor::TaskCursor;
pub use dead::{DeadFilter, DeadPage};
pub use figures::{MINUTES, Minute, Quantiles, QueueFigures, Timings};
pub use schedules::ScheduleRow;
pub use task::{Attempt, TaskDetail};
pub use tasks::{TaskPage, TaskRow, TaskSearch};
pub use why::{Reason, Why};
pub use workers::{Gap, Sandbox, Slot, WorkerRow};
