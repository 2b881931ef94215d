//! What every docfleet process shares at startup: a command line made from the table of settings, logs, metrics, checks for
//! free disk space, and shutdown signals.
//!
//! ```no_run
//! use settings::{BROKER_URL, DATABASE_URL, Entry, METRICS_BIND};
//!
//! const USES: &[&dyn Entry] = &[&DATABASE_URL, &BROKER_URL, &METRICS_BIND];
//!
//! fn main() -> std::process::ExitCode {
//!     boot::run("scheduler", "The fleet's beat", USES, async |settings| {
//!         let _metrics = boot::metrics::install(&settings, &[]).await?;
//!         let shutdown = boot::Shutdown::listen()?;
//!         shutdown.drain.cancelled().await;
//!         std::io::Result::Ok(())
//!     })
//! }
//! ```

pub mod cli;
pub mod logs;
pub mod metrics;
mod parent;
mod root;
mod server;
mod shutdown;
pub mod space;

pub use cli::{Started, command, settings, start, start_with, with_settings};
pub use logs::colour;
pub use parent::{DIE_WITH_PARENT, die_with_parent};
pub use root::RUN_AS;
pub use server::run;
pub use shutdown::Shutdown;
pub use space::Space;

/// Exit status for wrong usage: an unknown flag, or a setting with an invalid value.
pub const USAGE: i32 = 2;
