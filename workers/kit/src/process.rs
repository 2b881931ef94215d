//! A child process, as the supervisor handles it.

use crate::cgroup::{Group, Groups};
use crate::child_output::ChildOutput;
use crate::family::{self, Family};
use crate::frame::{self, FromChild, ToChild};
use crate::sandbox;
use crate::scratch::{ChildFolder, Root};
use crate::usage;
use boot::Space;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, waitid};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

/// How to start a child.
pub struct Spec {
    pub executable: PathBuf,
    pub args: Vec<String>,
    /// The child's whole environment; nothing is inherited.
    pub env: Vec<(String, String)>,
    /// Holds a folder for each child.
    pub scratch: Arc<Root>,
    /// Tells whether disks have space.
    pub space: Arc<Space>,
    /// Set if the kernel limits children's memory.
    pub groups: Option<Groups>,
}

/// How many of its last lines are quoted when a child has died.
const LAST_WORDS: usize = 8;
/// Longest wait for a child to become ready. Making tools takes about a second; a loaded machine may need much longer.
const WARM_UP: Duration = Duration::from_secs(120);
/// How long to wait for a child that may be dying by itself, because its own exit status says more than that of a kill.
const DYING: Duration = Duration::from_millis(100);

pub struct Child {
    process: tokio::process::Child,
    family: Family,
    stdin: ChildStdin,
    frames: mpsc::Receiver<io::Result<FromChild>>,
    pub output: ChildOutput,
    group: Option<Group>,
    /// The only folder where the child may write. Removed with the child.
    pub folder: ChildFolder,
    pub sandbox: sandbox::Report,
    pub born: Instant,
    pub tasks: u32,
}

/// Why a child never became ready.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("a child process cannot be started: {0}")]
    Io(#[from] io::Error),
    /// The message of the tools that could not be made.
    #[error("{0}")]
    Unfit(String),
    #[error("a child process {0} before it was ready")]
    Died(String),
    #[error("a child process was not ready within {} s", WARM_UP.as_secs())]
    Slow,
}

impl Child {
    /// Starts a child in a process group of its own and waits until it is warm.
    pub async fn start(spec: &Spec) -> Result<Child, StartError> {
        let folder = spec.scratch.for_child()?;
        let mark = family::new_mark();
        let mut process = Command::new(&spec.executable)
            .args(&spec.args)
            .arg(folder.path())
            .current_dir(folder.path())
            .env_clear()
            .envs(spec.env.iter().map(|(k, v)| (k, v)))
            .env("TMPDIR", folder.path())
            .env(family::MARK, &mark)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("a pipe of the child is missing");
        let pid = process.id().ok_or_else(missing)?;
        let stdin = process.stdin.take().ok_or_else(missing)?;
        let stdout = process.stdout.take().ok_or_else(missing)?;
        let stderr = process.stderr.take().ok_or_else(missing)?;
        let mut child = Child {
            process,
            family: Family { pid, mark, user: None },
            stdin,
            frames: receive(stdout),
            output: ChildOutput::of(pid, stderr),
            group: spec.groups.as_ref().and_then(|groups| groups.for_child(pid)),
            folder,
            sandbox: sandbox::Report::default(),
            born: Instant::now(),
            tasks: 0,
        };
        match tokio::time::timeout(WARM_UP, child.frames.recv()).await {
            Ok(Some(Ok(FromChild::Ready(sandbox)))) => {
                child.family.user = sandbox.user;
                child.sandbox = sandbox;
                Ok(child)
            }
            Ok(Some(Ok(FromChild::Unfit(problem)))) => Err(StartError::Unfit(problem)),
            Ok(_) => Err(StartError::Died(child.end().await.story)),
            Err(_) => Err(StartError::Slow),
        }
    }

    pub fn pid(&self) -> u32 {
        self.family.pid
    }

    pub fn sample(&self) -> usage::Sample {
        usage::sample(self.pid())
    }

    pub async fn send(&mut self, frame: &ToChild) -> io::Result<()> {
        frame::send(&mut self.stdin, frame).await
    }

    /// Sets the memory limit of the child's family, if the kernel limits memory.
    pub fn limit_memory(&self, kib: u64) {
        if let Some(Err(error)) = self.group.as_ref().map(|group| group.limit(kib)) {
            tracing::warn!(%error, pid = self.pid(), "the kernel does not limit a child's memory");
        }
    }

    /// The next frame; `None` once the child's end of the pipe is closed. The future may be dropped without losing a frame.
    pub async fn next(&mut self) -> Option<io::Result<FromChild>> {
        self.frames.recv().await
    }

    /// Whether the child died. It is not waited for here, so that its process id and group id are not reused yet.
    pub fn is_dead(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        pid.is_none_or(|pid| !matches!(waitid(WaitId::Pid(pid), look), Ok(None)))
    }

    /// Lets the child die if it is about to, else kills it. Its family is killed in any case.
    pub async fn end(mut self) -> Death {
        let dying = async {
            while !self.is_dead() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let by_itself = tokio::time::timeout(DYING, dying).await.is_ok();
        let status = self.kill().await;
        let killed_by_another = by_itself
            && status
                .as_ref()
                .is_ok_and(|status| status.signal() == Some(Signal::KILL.as_raw()));
        let how = status.map_or_else(|e| format!("died in the dark: {e}"), describe);
        let said = self.output.last_words().await;
        let last = &said[said.len().saturating_sub(LAST_WORDS)..];
        let story = if last.is_empty() {
            how
        } else {
            format!("{how}; it last said: {}", last.join(" | "))
        };
        Death {
            story,
            said,
            killed_by_another,
            over_its_memory: self.group.as_ref().is_some_and(|group| group.kills() > 0),
        }
    }

    /// Kills the child with its family, and waits for its end.
    pub async fn kill(&mut self) -> io::Result<ExitStatus> {
        self.family.end();
        self.process.wait().await
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Once the child has been waited for, its process id may be reused.
        if self.process.id().is_some() {
            self.family.end();
        }
    }
}

/// How a child died.
pub struct Death {
    /// Such as "died of signal 9", with the last lines that it printed.
    pub story: String,
    /// What it printed during its task.
    pub said: Vec<String>,
    /// Whether it died of a SIGKILL that was not ours: from the kernel when memory ran out, or from another process.
    pub killed_by_another: bool,
    /// Whether the kernel killed it, or a part of its family, at the family's own memory limit.
    pub over_its_memory: bool,
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("died of signal {signal}"),
        (None, Some(code)) => format!("ended with status {code}"),
        (None, None) => "ended".to_owned(),
    }
}

fn receive(mut stdout: ChildStdout) -> mpsc::Receiver<io::Result<FromChild>> {
    // One frame at a time, so that a flood of frames waits in the child, not in our memory.
    let (give, frames) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(frame) = frame::receive(&mut stdout).await.transpose() {
            let broken = frame.is_err();
            if give.send(frame).await.is_err() || broken {
                return;
            }
        }
    });
    frames
}
