//! Output of commands.

mod cell;
mod screen;
mod table;
mod view;
mod watch;

pub use cell::{Cell, Tone, harmless};
pub use table::Table;
pub use view::View;
pub use watch::show;

use serde::Serialize;
use std::io::Write;

/// Prints a line to standard output. Ignores a closed pipe.
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => { $crate::output::line(format_args!($($arg)*)) };
}

pub fn line(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn text(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(format_args!("{}", serde_json::to_string_pretty(value)?));
    Ok(())
}
