//! A run's handle in its child: for its scratch folder, for reporting progress, and for the supervisor's requests.

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

/// What the supervisor asked of the current task.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub stop: Arc<AtomicBool>,
    pub give_way: Arc<AtomicBool>,
}

impl Asked {
    /// Clears the requests for a new task.
    pub fn begin(&self) {
        self.stop.store(false, Ordering::Relaxed);
        self.give_way.store(false, Ordering::Relaxed);
    }
}

impl RunHandle {
    pub(crate) fn new(scratch: PathBuf, asked: Asked, out: File) -> RunHandle {
        RunHandle { scratch, asked, out }
    }

    /// The run's own folder. Removed when the run has ended.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// The name of a file in the scratch folder, relative to the folder, because the supervisor has the folder at another path.
    pub fn name(&self, file: &Path) -> PathBuf {
        file.strip_prefix(&self.scratch).unwrap_or(file).to_owned()
    }

    /// Reports that `done` of `total` steps are done. Silence for longer than the queue's no-progress limit ends the run.
    pub fn progress(&mut self, done: u32, total: u32) {
        if frame::write(&mut self.out, &FromChild::Progress { done, total }).is_err() {
            // The supervisor is gone.
            std::process::exit(1);
        }
    }

    /// Whether the soft limit has passed. A run that does not end soon is killed at the hard limit.
    pub fn should_stop(&self) -> bool {
        self.asked.stop.load(Ordering::Relaxed)
    }

    /// Whether to stop after this step, if the rest can become a new task: because a shorter or more urgent task waits, the
    /// worker drains, or [`RunHandle::should_stop`].
    pub fn should_give_way(&self) -> bool {
        self.asked.give_way.load(Ordering::Relaxed) || self.should_stop()
    }
}
