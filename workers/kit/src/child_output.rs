//! A child's output, line by line. The last lines are kept for the error message if the child dies, and for the task's attempt.

use crate::child_log;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::ChildStderr;
use tokio::sync::Notify;
use tracing::Span;

/// Printed by a child when a task has ended: the output before it belongs to the task.
pub const END_OF_TASK: char = '\u{4}';
/// How many lines are kept.
const KEPT: usize = 20;
/// How many bytes of a line are read at once, because a library may print an endless line.
const LINE: u64 = 500;
/// Longest wait for a child's last output. It is only reached if a stray process keeps the pipe open.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct ChildOutput(Arc<Shared>);

struct Shared {
    heard: Mutex<Heard>,
    changed: Notify,
}

struct Heard {
    lines: VecDeque<String>,
    /// No more output will come from this task, or from the child at all.
    is_over: bool,
    /// The span of the run to which the output belongs.
    run: Span,
}

impl Heard {
    fn in_run(run: Span) -> Heard {
        Heard {
            lines: VecDeque::new(),
            is_over: false,
            run,
        }
    }
}

impl ChildOutput {
    /// Reads a child's output until no process has its standard error open.
    pub fn of(pid: u32, stderr: ChildStderr) -> ChildOutput {
        let output = ChildOutput(Arc::new(Shared {
            heard: Mutex::new(Heard::in_run(Span::none())),
            changed: Notify::new(),
        }));
        let listening = output.clone();
        tokio::spawn(async move {
            listening.listen(pid, stderr).await;
            listening.over();
        });
        output
    }

    async fn listen(&self, pid: u32, stderr: ChildStderr) {
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut part = (&mut lines).take(LINE);
            if !part.read_until(b'\n', &mut line).await.is_ok_and(|n| n > 0) {
                return;
            }
            // Postgres cannot store U+0000 in text.
            let text = String::from_utf8_lossy(&line).replace('\0', "\u{fffd}");
            let text = text.trim_end();
            match text.strip_suffix(END_OF_TASK) {
                Some(rest) => {
                    self.heard(pid, rest);
                    self.over();
                }
                None => self.heard(pid, text),
            }
        }
    }

    fn heard(&self, pid: u32, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut heard = self.lock();
        heard.run.in_scope(|| child_log::repeat(pid, text));
        heard.lines.push_back(text.to_owned());
        if heard.lines.len() > KEPT {
            heard.lines.pop_front();
        }
    }

    fn over(&self) {
        self.lock().is_over = true;
        self.0.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the output of a new task, and drops the output before it.
    pub fn begin(&self, run: Span) {
        *self.lock() = Heard::in_run(run);
    }

    /// The last lines. Waits until all output of the task, or of the dead child, has arrived.
    pub async fn last_words(&self) -> Vec<String> {
        let all_heard = async {
            loop {
                let changed = self.0.changed.notified();
                if self.lock().is_over {
                    return;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(PATIENCE, all_heard).await;
        self.lock().lines.iter().cloned().collect()
    }
}
