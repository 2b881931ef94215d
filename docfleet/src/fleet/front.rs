//! The guard: starts the inner process, restarts it when it dies, and forwards the operator's signals.

use super::CANNOT_START;
use super::pauses::Pauses;
use super::plan::Options;
use crate::data_dir::DataDir;
use crate::environment::remove_files;
use crate::{checks, proc, say};
use anyhow::{Context, Result};
use boot::DIE_WITH_PARENT;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, set_child_subreaper, wait};
use settings::Settings;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use tokio::signal::unix::{self as signal, SignalKind, signal};

/// How long orphaned processes of a dead inner process may take to end before they are killed.
const LAST_WORDS: Duration = Duration::from_secs(5);
const BEAT: Duration = Duration::from_millis(50);
/// Exit status of a Rust process that panicked.
const PANICKED: i32 = 101;

/// Guards a fleet until it is told to stop. If the folder already has a fleet, only reports that.
pub fn up(options: &Options, settings: &Settings) -> Result<ExitCode> {
    let data = DataDir::open(&options.data)?;
    let guard_of_folder = data.guard()?;
    let holder = data.holder()?;
    if holder.is_some() || guard_of_folder.is_none() {
        tell_running(&data, holder);
        return Ok(ExitCode::SUCCESS);
    }
    let mut missing = checks::required(&options.data, settings);
    missing.retain(|finding| finding.found.is_none());
    if !missing.is_empty() {
        tracing::error!("the fleet cannot start, because something is missing; docfleet doctor shows all of it");
        missing
            .iter()
            .for_each(|finding| tracing::error!("{}", finding.remedy()));
        return Ok(ExitCode::from(CANNOT_START));
    }
    // Makes orphans of the inner process our children, so that we can end them.
    set_child_subreaper(Some(getpid())).context("the kernel does not let us adopt orphans")?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(guard(|| inner_command(options, settings)))
}

fn tell_running(data: &DataDir, holder: Option<Pid>) {
    let folder = data.path().display();
    match data.record().filter(|_| holder.is_some()) {
        Some(record) => {
            say!("a fleet is already running on {folder}: {}", record.gateway);
            say!("its dashboard: {}", record.dashboard);
        }
        None => say!("a fleet is already starting or stopping on {folder}"),
    }
    match holder {
        Some(pid) => say!("to stop it: docfleet down --data {folder} (or kill {pid})"),
        None => say!("to stop it: docfleet down --data {folder}"),
    }
}

/// Settings are passed as environment variables, because every user can read a command line.
fn inner_command(options: &Options, settings: &Settings) -> Result<Command> {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(std::env::current_exe().context("our own program file was not found")?);
    command
        .arg("up")
        .arg("--inner")
        .args(options.arguments())
        .envs(settings.given());
    remove_files(&mut command);
    // If the fleet is tied to a parent process, it must die with the front. Otherwise it may outlive the front.
    match std::env::var_os(DIE_WITH_PARENT) {
        Some(_) => command.env(DIE_WITH_PARENT, std::process::id().to_string()),
        None => command.env_remove(DIE_WITH_PARENT),
    };
    command.process_group(0);
    Ok(command)
}

async fn guard(inner: impl Fn() -> Result<Command>) -> Result<ExitCode> {
    let mut signals = Signals {
        ends: signal(SignalKind::child())?,
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
        told_to_stop: false,
    };
    let mut pauses = Pauses::new();
    let mut died_before = false;
    loop {
        let started = Instant::now();
        match inner()?.spawn() {
            Ok(child) => {
                let status = signals.attend(Pid::from_child(&child)).await;
                clear_orphans().await;
                match status.exit_status() {
                    // The fleet has started before, so it can start again once the obstacle is gone.
                    Some(code) if code == i32::from(CANNOT_START) && died_before && !signals.told_to_stop => {}
                    Some(code) if code != PANICKED => return Ok(ExitCode::from(u8::try_from(code).unwrap_or(1))),
                    _ if signals.told_to_stop => return Ok(ExitCode::SUCCESS),
                    _ => died_before = true,
                }
            }
            // For example while the machine has no resources for another process.
            Err(error) if died_before => tracing::error!(%error, "the fleet's inner process could not be started"),
            Err(error) => return Err(error).context("the fleet's inner process could not be started"),
        }
        let pause = pauses.after(started.elapsed());
        tracing::warn!(
            "the fleet's inner process ended; starting the fleet again in {} ms",
            pause.as_millis()
        );
        if signals.come_within(pause).await {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

struct Signals {
    ends: signal::Signal,
    terminate: signal::Signal,
    interrupt: signal::Signal,
    told_to_stop: bool,
}

impl Signals {
    /// Passes signals on to the inner process until it ends.
    async fn attend(&mut self, inner: Pid) -> WaitStatus {
        loop {
            tokio::select! {
                _ = self.ends.recv() => {
                    if let Some(status) = reap(inner) {
                        return status;
                    }
                    continue;
                }
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
            self.told_to_stop = true;
            let _ = kill_process(inner, Signal::TERM);
        }
    }

    /// Waits for the pause to pass. Returns early with `true` when told to stop.
    async fn come_within(&mut self, pause: Duration) -> bool {
        let told = async {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
        };
        tokio::time::timeout(pause, told).await.is_ok()
    }
}

/// Reaps all children that have ended. Returns the status of `wanted` if it is among them.
fn reap(wanted: Pid) -> Option<WaitStatus> {
    let mut found = None;
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if pid == wanted {
            found = Some(status);
        }
    }
    found
}

/// Waits for the orphans of the inner process to end. The kernel signals them when it dies.
async fn clear_orphans() {
    let start = Instant::now();
    loop {
        reap(getpid());
        let left = proc::children_of(std::process::id());
        if left.is_empty() {
            return;
        }
        // A stopped process (SIGSTOP) handles a signal only after it is continued.
        let end = start.elapsed() > LAST_WORDS;
        proc::signal_all(&left, if end { Signal::KILL } else { Signal::CONT });
        tokio::time::sleep(BEAT).await;
    }
}
