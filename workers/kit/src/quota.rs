//! Limits how much a run may write to its child's folder. Checked together with the run's memory and time.

use crate::ending::Ending;
use crate::tree::{DEEPEST, Weight, weigh};
use crate::usage::LOOK;
use queue_schema::Outcome;
use queue_schema::document::ErrorCode;
use settings::{Settings, WORKER_SCRATCH_MAX_BYTES as BYTES, WORKER_SCRATCH_MAX_FILES as FILES};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Checking takes about 1/`SHARE` of a run's time at most.
const SHARE: u32 = 20;

#[derive(Debug, Clone, Copy)]
pub struct Quota {
    pub bytes: u64,
    pub files: u64,
}

impl Quota {
    pub fn in_force(settings: &Settings) -> Quota {
        Quota {
            bytes: settings.get(BYTES),
            files: settings.get(FILES),
        }
    }
}

/// A child's folder during a run. The child cannot remove anything from it, so everything that was written is counted.
pub struct Watch {
    folder: PathBuf,
    quota: Quota,
    /// The quota, plus what the run was given.
    most: Weight,
    /// Time of the next check.
    rest: Instant,
}

impl Watch {
    /// `folder` must hold only what the run was given.
    pub fn begin(folder: &Path, quota: Quota) -> io::Result<Watch> {
        let any = Weight {
            bytes: u64::MAX,
            files: u64::MAX,
            depth: DEEPEST,
        };
        let given = weigh(folder, &any)?;
        Ok(Watch {
            folder: folder.to_owned(),
            quota,
            most: Weight {
                bytes: given.bytes.saturating_add(quota.bytes),
                files: given.files.saturating_add(quota.files),
                depth: DEEPEST,
            },
            rest: Instant::now() + LOOK,
        })
    }

    /// As [`Watch::look`], unless the last check was a moment ago.
    pub fn glance(&mut self) -> Option<Ending> {
        let begun = Instant::now();
        if begun < self.rest {
            return None;
        }
        let ending = self.look();
        self.rest = Instant::now() + LOOK.max(begun.elapsed() * SHARE);
        ending
    }

    /// The ending of a run that wrote too much; `None` if it did not.
    pub fn look(&self) -> Option<Ending> {
        let Quota { bytes, files } = self.quota;
        // `block_in_place` lets other tasks of this thread go on in another thread.
        let now = match tokio::task::block_in_place(|| weigh(&self.folder, &self.most)) {
            Ok(now) if !now.reaches(&self.most) => return None,
            Ok(now) => now,
            Err(error) => {
                let message = format!("stopped because its scratch folder cannot be looked into: {error}");
                return Some(Ending::of(Outcome::Crashed, ErrorCode::Crashed, message));
            }
        };
        let message = match now {
            _ if now.depth >= DEEPEST => {
                format!("stopped because it nested folders {DEEPEST} deep in its scratch folder, which no task needs")
            }
            _ if now.files >= self.most.files => {
                format!("stopped at {files} files in its scratch folder; if the document is worth it, raise {FILES}")
            }
            _ => format!("stopped at {bytes} bytes in its scratch folder; if the document is worth it, raise {BYTES}"),
        };
        // Every run of the task would write as much.
        Some(Ending::of(Outcome::Refused, ErrorCode::Crashed, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_run_was_given_does_not_count() {
        let base = tempfile::tempdir().unwrap();
        fs::write(base.path().join("given"), [0; 10_000]).unwrap();
        let quota = Quota {
            bytes: 10_000,
            files: 3,
        };
        let watch = Watch::begin(base.path(), quota).unwrap();
        assert!(watch.look().is_none());
        fs::write(base.path().join("written"), [0; 1_000]).unwrap();
        assert!(watch.look().is_none());
        fs::write(base.path().join("more"), [0; 9_000]).unwrap();
        assert!(watch.look().is_some());
    }
}
