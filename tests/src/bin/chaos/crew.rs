//! Processes that `docfleet up` does not start: more workers and schedulers. A process that ends is restarted.

use anyhow::{Context, Result, bail};
use boot::DIE_WITH_PARENT;
use fleet_tests::binary;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::OpenOptions;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PAUSE: Duration = Duration::from_millis(200);
/// Time for a process to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(60);

/// The running process, and how the one before it ended.
#[derive(Debug, Clone, Copy, Default)]
struct Life {
    pid: Option<i32>,
    last: Option<ExitStatus>,
}

pub struct Member {
    name: String,
    life: watch::Receiver<Life>,
    stop: CancellationToken,
    keeper: JoinHandle<()>,
}

impl Member {
    /// Call it on a thread that lives as long as this process: the kernel ties a child's life to the thread that started it.
    pub fn keep(
        program: String,
        args: &'static [&'static str],
        env: Vec<(String, String)>,
        log: &Path,
    ) -> Result<Member> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let name = program.clone();
        let start = move || -> Result<tokio::process::Child> {
            Command::new(binary(&program))
                .args(args)
                .envs(env.iter().cloned())
                .env(DIE_WITH_PARENT, std::process::id().to_string())
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log.try_clone()?)
                .spawn()
                .with_context(|| format!("{program} does not start"))
        };
        let (tell, life) = watch::channel(Life::default());
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(keep(start, tell, stop.clone()));
        Ok(Member {
            name,
            life,
            stop,
            keeper,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the running process. Waits until it has started.
    pub async fn pid(&self) -> Result<i32> {
        let mut life = self.life.clone();
        let pid = life.wait_for(|life| life.pid.is_some()).await?.pid;
        pid.context("it does not run")
    }

    /// Sends SIGTERM to the process `old`, and waits until it has ended and its successor has started.
    pub async fn restart(&self, old: i32) -> Result<()> {
        let mut life = self.life.clone();
        signal(old, Signal::TERM);
        let new = life.wait_for(|life| life.pid.is_some_and(|pid| pid != old));
        match new.await?.last {
            Some(status) if status.success() => Ok(()),
            status => bail!("{} was asked to stop and ended with {status:?}", self.name),
        }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        let _ = self.keeper.await;
    }
}

async fn keep(start: impl Fn() -> Result<tokio::process::Child>, tell: watch::Sender<Life>, stop: CancellationToken) {
    loop {
        match start() {
            Ok(mut child) => {
                let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
                tell.send_modify(|life| life.pid = pid);
                let ended = stop.run_until_cancelled(child.wait()).await;
                if ended.is_none() {
                    signal(pid.unwrap_or_default(), Signal::TERM);
                    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
                        let _ = child.kill().await;
                    }
                }
                let last = ended.and_then(Result::ok);
                tell.send_replace(Life { pid: None, last });
            }
            Err(error) => eprintln!("chaos: {error:#}"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            return;
        }
    }
}

/// Sends a signal. A process that has already ended is ignored.
pub fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, signal);
    }
}
