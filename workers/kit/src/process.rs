//! A child process as the supervisor holds it.

use crate::frame::{self, FromChild, ToChild};
use crate::usage;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::collections::VecDeque;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

/// How to start one.
#[derive(Debug, Clone)]
pub struct Spec {
    pub executable: PathBuf,
    pub args: Vec<String>,
    /// All of the child's environment: nothing is inherited.
    pub env: Vec<(String, String)>,
}

/// Lines of a child's stderr that are kept for the story of its death.
const LAST_WORDS: usize = 8;
/// Longest part of a line that is kept: a library may print without end.
const LINE: u64 = 2000;
/// Making tools takes a second; a loaded machine is given plenty.
const WARM_UP: Duration = Duration::from_secs(120);

pub struct Child {
    process: tokio::process::Child,
    pid: u32,
    stdin: ChildStdin,
    frames: mpsc::Receiver<io::Result<FromChild>>,
    last_words: Arc<Mutex<VecDeque<String>>>,
    pub born: Instant,
    pub tasks: u32,
}

/// Why a child never became ready.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("a child process cannot be started: {0}")]
    Io(#[from] io::Error),
    /// The tools' own words.
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
        let mut process = Command::new(&spec.executable)
            .args(&spec.args)
            .env_clear()
            .envs(spec.env.iter().map(|(k, v)| (k, v)))
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
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        tokio::spawn(listen(pid, stderr, last_words.clone()));
        let mut child = Child {
            process,
            pid,
            stdin,
            frames: receive(stdout),
            last_words,
            born: Instant::now(),
            tasks: 0,
        };
        match tokio::time::timeout(WARM_UP, child.frames.recv()).await {
            Ok(Some(Ok(FromChild::Ready))) => Ok(child),
            Ok(Some(Ok(FromChild::Unfit(problem)))) => Err(StartError::Unfit(problem)),
            Ok(_) => Err(StartError::Died(child.end().await)),
            Err(_) => Err(StartError::Slow),
        }
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    pub fn sample(&self) -> usage::Sample {
        usage::sample(self.pid)
    }

    pub async fn send(&mut self, frame: &ToChild) -> io::Result<()> {
        frame::send(&mut self.stdin, frame).await
    }

    /// The next frame; `None` once the child's end of the pipe is closed. May be dropped and called again.
    pub async fn next(&mut self) -> Option<io::Result<FromChild>> {
        self.frames.recv().await
    }

    /// Kills the whole group, and descendants that left it, and says how the child died: "died of signal 9", with its
    /// last words.
    pub async fn end(mut self) -> String {
        // A child that is about to die by itself tells more than one that is killed.
        let status = match tokio::time::timeout(Duration::from_millis(100), self.process.wait()).await {
            Ok(status) => status,
            Err(_) => {
                self.kill();
                self.process.wait().await
            }
        };
        let how = status.map_or_else(|e| format!("died in the dark: {e}"), describe);
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        match words.is_empty() {
            true => how,
            false => format!(
                "{how}; it last said: {}",
                words.iter().map(String::as_str).collect::<Vec<_>>().join(" | ")
            ),
        }
    }

    fn kill(&self) {
        let descendants = usage::descendants(self.pid);
        let signal = |pid: u32, send: fn(Pid, Signal) -> rustix::io::Result<()>| {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                // Gone already is as good as killed.
                let _ = send(pid, Signal::KILL);
            }
        };
        signal(self.pid, kill_process_group);
        for pid in descendants {
            signal(pid, kill_process);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Once it was waited for, its number may be another's.
        if self.process.id().is_some() {
            self.kill();
        }
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("died of signal {signal}"),
        (None, Some(code)) => format!("ended with status {code}"),
        (None, None) => "ended".to_owned(),
    }
}

fn receive(mut stdout: ChildStdout) -> mpsc::Receiver<io::Result<FromChild>> {
    // Bounded: a flood of progress waits in the child, not in our memory.
    let (give, frames) = mpsc::channel(16);
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

async fn listen(pid: u32, stderr: ChildStderr, last_words: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(stderr);
    let mut line = Vec::new();
    while (&mut lines)
        .take(LINE)
        .read_until(b'\n', &mut line)
        .await
        .is_ok_and(|n| n > 0)
    {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        tracing::debug!(pid, "{text}");
        let mut words = last_words.lock().unwrap_or_else(PoisonError::into_inner);
        words.push_back(text);
        if words.len() > LAST_WORDS {
            words.pop_front();
        }
    }
}
