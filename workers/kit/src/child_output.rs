//! What a child prints, line by line: kept for the story of its death and for its task's record.

use crate::child_log;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::ChildStderr;
use tokio::sync::Notify;
use tracing::Span;

/// A child prints it once a task has ended: what was printed before belongs to the task.
pub const END_OF_TASK: char = '\u{4}';
/// Lines that are kept.
const KEPT: usize = 20;
/// Longest part of a line that is read at once: a library may print without end.
const LINE: u64 = 500;
/// For what a child said last to come out of its pipe. Longer than it takes; a stray that holds the pipe open ends it.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct ChildOutput(Arc<Shared>);

struct Shared {
    heard: Mutex<Heard>,
    changed: Notify,
}

struct Heard {
    lines: VecDeque<String>,
    /// Nothing more will come of this task, or at all.
    is_over: bool,
    /// The span of the run that it is heard in.
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
    /// Listens to a child as long as anybody is left who could say anything.
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
            // Text that Postgres takes.
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

    /// A task begins: what was said before is another's.
    pub fn begin(&self, run: Span) {
        *self.lock() = Heard::in_run(run);
    }

    /// What was said last, once all is heard of the task, or of a child that is dead.
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
