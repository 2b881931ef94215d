//! `docfleet completions`

use crate::args::{self, Completions};
use anyhow::Result;
use std::io::Write;
use std::process::ExitCode;

pub fn print(args: &Completions) -> Result<ExitCode> {
    // Generated in memory first: the generator panics when standard output is closed early, as `| head` does.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "docfleet", &mut script);
    let _ = std::io::stdout().write_all(&script);
    Ok(ExitCode::SUCCESS)
}
