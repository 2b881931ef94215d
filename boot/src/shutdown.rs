//! SIGTERM and SIGINT: the first signal drains the process, the second stops it at once.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Tells a process that it should stop. Clones share the same state.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Cancelled by the first signal: start no new tasks, finish the running ones.
    pub drain: CancellationToken,
    /// Cancelled by the second signal: hand running tasks back and exit.
    pub at_once: CancellationToken,
}

impl Shutdown {
    /// Starts to listen for SIGTERM and SIGINT. From then on neither ends the process by itself.
    ///
    /// # Errors
    /// If the signal handlers cannot be installed.
    ///
    /// # Panics
    /// If called outside a tokio runtime.
    pub fn listen() -> io::Result<Shutdown> {
        let mut signals = Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        };
        let shutdown = Shutdown::default();
        let told = shutdown.clone();
        tokio::spawn(async move {
            let name = signals.next().await;
            tracing::info!(signal = name, "stopping; a second signal stops at once");
            told.drain.cancel();
            let name = signals.next().await;
            tracing::warn!(signal = name, "stopping at once");
            told.at_once.cancel();
        });
        Ok(shutdown)
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Signal, getpid, kill_process};

    #[tokio::test]
    async fn the_first_signal_drains_and_the_second_ends() {
        let shutdown = Shutdown::listen().unwrap();
        kill_process(getpid(), Signal::TERM).unwrap();
        shutdown.drain.cancelled().await;
        assert!(!shutdown.at_once.is_cancelled());
        kill_process(getpid(), Signal::INT).unwrap();
        shutdown.at_once.cancelled().await;
    }
}
