//! The few lines of a server's main.

use crate::start;
use settings::{Entry, Settings};
use std::fmt::Display;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// The whole process: reads its settings, and serves until that ends.
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
