//! Logs go to standard error, as text or as JSON lines. Standard output is kept for the output of commands.

use settings::{LOG, LOG_FORMAT, Settings};
use std::io::IsTerminal;
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("setting LOG={given:?}: {problem}; give a level such as info, or parts such as info,broker=debug")]
    Filter { given: String, problem: ParseError },
    #[error("this process logs already")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Whether to write to `stream` in colour: it is a terminal that supports colour, and `NO_COLOR` is not set
/// (<https://no-color.org>).
pub fn colour(stream: &impl IsTerminal) -> bool {
    let given = |name| std::env::var_os(name).unwrap_or_default();
    stream.is_terminal() && given("NO_COLOR").is_empty() && given("TERM") != "dumb"
}

/// Starts logging in a child process. Lines hold only level and message, since the parent logs them again.
///
/// # Errors
/// As [`init`].
pub fn init_bare(settings: &Settings) -> Result<(), Error> {
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .log_internal_errors(false);
    Ok(tracing_subscriber::registry()
        .with(filter(settings)?)
        .with(layer)
        .try_init()?)
}

fn filter(settings: &Settings) -> Result<EnvFilter, Error> {
    let given = settings.get(LOG);
    EnvFilter::builder().parse(given).map_err(|problem| Error::Filter {
        given: given.to_owned(),
        problem,
    })
}

/// Starts logging according to `LOG` and `LOG_FORMAT`.
///
/// # Errors
/// If `LOG` cannot be parsed, or logging was already started.
pub fn init(settings: &Settings) -> Result<(), Error> {
    let registry = tracing_subscriber::registry().with(filter(settings)?);
    // A fleet may outlive the terminal or pipe that it was started from. A line that cannot be written must not end it.
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    if settings.get(LOG_FORMAT) == "json" {
        // Spans are not nested here, so the list of spans would only repeat the current one.
        registry
            .with(layer.json().flatten_event(true).with_span_list(false))
            .try_init()?;
    } else {
        registry.with(layer.with_ansi(colour(&std::io::stderr()))).try_init()?;
    }
    Ok(())
}
