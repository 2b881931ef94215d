//! `docfleet`, the command line: runs a whole fleet on one machine, processes batches of files, and offers the operator's
//! commands.

mod args;
mod batch;
mod checks;
mod client;
mod commands;
mod data_dir;
mod environment;
mod exit;
mod fleet;
mod output;
mod proc;
mod servers;

use std::process::ExitCode;

/// Parses the command line, runs the command, and returns its exit code.
pub fn run() -> ExitCode {
    boot::die_with_parent();
    let (call, settings) = args::read();
    match commands::run(call, &settings) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("docfleet: {error:#}");
            ExitCode::FAILURE
        }
    }
}
