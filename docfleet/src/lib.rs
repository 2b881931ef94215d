//! `docfleet`, the command line: the whole fleet on one machine, a batch of files, and the operator's hands.

mod args;
mod batch;
mod checks;
mod client;
mod commands;
mod data_dir;
mod exit;
mod fleet;
mod output;
mod proc;
mod servers;

use std::process::ExitCode;

/// Reads the command line, does what it says, and returns how that went.
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
