//! One process of the fleet, kept alive: restarted when it ends by itself, and shut down cleanly when told to.

use super::pauses::Pauses;
use anyhow::{Context, Result};
use futures_util::future::BoxFuture;
use rustix::process::{Pid, Signal, kill_process};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Time that a hurried process still gets before it is killed.
const HURRY: Duration = Duration::from_secs(5);

type Before = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;
type Start = Box<dyn Fn() -> Result<Command> + Send + Sync>;

/// How a process is started and stopped.
pub struct Program {
    name: String,
    before: Option<Before>,
    start: Start,
    stop: Signal,
    hurried: Signal,
}

impl Program {
    /// `stop` asks the process to finish. The same signal again makes it hurry, unless [`Program::hurried`] names another.
    pub fn new(
        name: impl Into<String>,
        stop: Signal,
        start: impl Fn() -> Result<Command> + Send + Sync + 'static,
    ) -> Self {
        Program {
            name: name.into(),
            before: None,
            start: Box::new(start),
            stop,
            hurried: stop,
        }
    }

    pub fn hurried(self, signal: Signal) -> Self {
        Program {
            hurried: signal,
            ..self
        }
    }

    /// Runs before every start.
    pub fn before(self, before: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Program {
            before: Some(Box::new(before)),
            ..self
        }
    }

    async fn spawn(&self) -> Result<Child> {
        if let Some(before) = &self.before {
            before().await;
        }
        let mut command = (self.start)()?;
        // A terminal sends Ctrl-C to its foreground process group. In a group of its own, the process only gets the signals
        // that the front forwards, in order.
        command
            .process_group(0)
            .spawn()
            .with_context(|| format!("{:?} could not be started", command.as_std().get_program()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Wish {
    Run,
    /// Finish within this time.
    Finish(Duration),
    Hurry,
}

/// A running [`Program`]. Dropping it ends the process in a hurry.
pub struct Part {
    name: String,
    wish: watch::Sender<Wish>,
    failures: watch::Receiver<u32>,
    task: JoinHandle<()>,
}

impl Part {
    /// Starts the process now, and restarts it whenever it ends, until it is stopped.
    ///
    /// Call it on a current-thread runtime: the kernel ties a child's life to the thread that started it.
    pub fn keep(program: Program) -> Part {
        let (wish, wished) = watch::channel(Wish::Run);
        let (failed, failures) = watch::channel(0);
        Part {
            name: program.name.clone(),
            wish,
            failures,
            task: tokio::spawn(
                Keeper {
                    program,
                    wished,
                    failed,
                }
                .keep(),
            ),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Resolves once the process has ended this many times by itself.
    pub async fn failed(&self, times: u32) {
        let mut failures = self.failures.clone();
        if failures.wait_for(|failures| *failures >= times).await.is_err() {
            std::future::pending().await
        }
    }

    /// Asks the process to finish and waits for its end. After `grace` it is killed.
    pub async fn stop(self, grace: Duration) {
        self.wish.send_if_modified(|wish| {
            let first = *wish == Wish::Run;
            if first {
                *wish = Wish::Finish(grace);
            }
            first
        });
        if let Err(error) = self.task.await {
            tracing::error!(%error, "{} was not stopped in order", self.name);
        }
    }

    /// Returns a function that makes a stop in progress, or a later one, a quick one.
    pub fn stop_quickly(&self) -> impl FnOnce() + use<> {
        let wish = self.wish.clone();
        move || {
            wish.send_replace(Wish::Hurry);
        }
    }
}

struct Keeper {
    program: Program,
    wished: watch::Receiver<Wish>,
    failed: watch::Sender<u32>,
}

impl Keeper {
    async fn keep(mut self) {
        let mut pauses = Pauses::new();
        while *self.wished.borrow_and_update() == Wish::Run {
            let started = Instant::now();
            let cause = match self.program.spawn().await {
                Ok(child) => match self.attend(child).await {
                    Some(cause) => cause,
                    None => return,
                },
                Err(error) => format!("did not start: {error:#}"),
            };
            let wait = pauses.after(started.elapsed());
            tracing::warn!(
                "{} {cause}; starting it again in {} ms",
                self.program.name,
                wait.as_millis()
            );
            self.failed.send_modify(|failures| *failures += 1);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                changed = self.wished.changed() => if changed.is_err() {
                    return;
                }
            }
        }
    }

    /// Waits for the process to end. Returns why it ended by itself, or `None` if it was stopped.
    async fn attend(&mut self, mut child: Child) -> Option<String> {
        tracing::info!(pid = child.id(), "{} started", self.program.name);
        let ended = tokio::select! {
            status = child.wait() => Some(status),
            _ = self.wished.changed() => None,
        };
        match ended {
            Some(Ok(status)) => Some(format!("ended: {status}")),
            Some(Err(error)) => Some(format!("was lost: {error}")),
            None => {
                self.end(child).await;
                None
            }
        }
    }

    async fn end(&mut self, mut child: Child) {
        loop {
            let wish = *self.wished.borrow_and_update();
            let (signal, grace) = match wish {
                Wish::Run | Wish::Hurry => (self.program.hurried, HURRY),
                Wish::Finish(grace) => (self.program.stop, grace),
            };
            send(&child, signal);
            tokio::select! {
                status = child.wait() => {
                    if let Ok(status) = status {
                        tracing::info!("{} stopped: {status}", self.program.name);
                    }
                    return;
                }
                changed = self.wished.changed() => if changed.is_err() {
                    let _ = tokio::time::timeout(HURRY, child.wait()).await;
                    break;
                },
                () = tokio::time::sleep(grace) => break,
            }
        }
        tracing::warn!("{} did not stop in time and is killed", self.program.name);
        let _ = child.kill().await;
    }
}

fn send(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    if let Some(pid) = pid {
        let _ = kill_process(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: impl Into<String>) -> Program {
        let script = script.into();
        Program::new("test", Signal::TERM, move || {
            let mut command = Command::new("sh");
            command.arg("-c").arg(&script);
            Ok(command)
        })
    }

    /// Runs a script that first writes its process id to a file. Returns the id.
    async fn started(script: &str) -> (Part, String) {
        let tmp = tempfile::tempdir().unwrap();
        let file = tmp.path().join("pid");
        let part = Part::keep(shell(format!("echo $$ > '{}'; {script}", file.display())));
        loop {
            match std::fs::read_to_string(&file) {
                Ok(pid) if pid.ends_with('\n') => return (part, pid.trim().to_owned()),
                _ => tokio::task::yield_now().await,
            }
        }
    }

    #[tokio::test]
    async fn what_ends_is_started_again() {
        let part = Part::keep(shell("exit 7"));
        part.failed(2).await;
        part.stop(HURRY).await;
    }

    #[tokio::test]
    async fn what_is_stopped_stays_stopped() {
        let (part, pid) = started("exec tail -f /dev/null").await;
        part.stop(HURRY).await;
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }

    #[tokio::test]
    async fn who_does_not_listen_is_killed() {
        let (part, pid) = started("trap '' TERM; while :; do :; done").await;
        part.stop(Duration::from_millis(10)).await;
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }

    #[tokio::test]
    async fn what_cannot_start_counts_as_failed() {
        let part = Part::keep(Program::new("nothing", Signal::TERM, || {
            Ok(Command::new("/no/such/program"))
        }));
        part.failed(1).await;
        part.stop(HURRY).await;
    }
}
