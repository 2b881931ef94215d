//! The common `main` of all servers.

use crate::start;
use settings::{Entry, Settings};
use std::fmt::Display;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Runs the whole process: reads the settings, then runs `serve` to its end.
pub fn run<E: Display>(
    name: &'static str,
    about: &'static str,
    uses: &[&dyn Entry],
    serve: impl AsyncFnOnce(Settings) -> Result<(), E>,
) -> ExitCode {
    let settings = start(name, about, uses).settings;
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(serve(settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &dyn Display) -> ExitCode {
    tracing::error!("{error:#}");
    ExitCode::FAILURE
}
