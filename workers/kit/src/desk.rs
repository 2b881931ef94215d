//! What a running task has in its child: its scratch folder, its way to report progress, and the word to stop.

use crate::frame::{self, FromChild};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub struct Desk {
    scratch: PathBuf,
    stop: Arc<AtomicBool>,
    out: File,
}

impl Desk {
    pub(crate) fn new(scratch: PathBuf, stop: Arc<AtomicBool>, out: File) -> Desk {
        Desk { scratch, stop, out }
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
        self.stop.load(Ordering::Relaxed)
    }
}
