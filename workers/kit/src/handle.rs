//! What a run has in its child: its scratch folder, its way to report progress, and what was asked of it.

use crate::frame::{self, FromChild};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub struct RunHandle {
    scratch: PathBuf,
    asked: Asked,
    out: File,
}

/// What the supervisor asked of the task under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub stop: Arc<AtomicBool>,
    pub give_way: Arc<AtomicBool>,
}

impl Asked {
    /// Of a new task nothing is asked yet.
    pub fn begin(&self) {
        self.stop.store(false, Ordering::Relaxed);
        self.give_way.store(false, Ordering::Relaxed);
    }
}

impl RunHandle {
    pub(crate) fn new(scratch: PathBuf, asked: Asked, out: File) -> RunHandle {
        RunHandle { scratch, asked, out }
    }

    /// The run's own folder; emptied when it has ended.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// What to call a file in the scratch folder towards the supervisor, for whom the folder lies elsewhere.
    pub fn name(&self, file: &Path) -> PathBuf {
        file.strip_prefix(&self.scratch).unwrap_or(file).to_owned()
    }

    /// Reports that `done` of `total` steps are done. Silence for longer than the queue's no-progress limit ends the run.
    pub fn progress(&mut self, done: u32, total: u32) {
        if frame::write(&mut self.out, &FromChild::Progress { done, total }).is_err() {
            // Nobody is left to work for.
            std::process::exit(1);
        }
    }

    /// Whether the soft limit has passed: end soon, or be ended.
    pub fn should_stop(&self) -> bool {
        self.asked.stop.load(Ordering::Relaxed)
    }

    /// Whether to put the work down after this step, if the rest can become a task again: something shorter or more urgent
    /// waits, the worker drains, or [`RunHandle::should_stop`].
    pub fn should_give_way(&self) -> bool {
        self.asked.give_way.load(Ordering::Relaxed) || self.should_stop()
    }
}
