//! docfleet as a person runs it: the command, on a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a batch left, and how long it took from the command to its end.
pub struct Batch {
    pub out: PathBuf,
    pub took: Duration,
}

/// `docfleet process FILES --out OUT` with a fleet of its own below `data`.
///
/// # Panics
/// Where the command cannot be run or is used wrongly. Documents that fail are no reason.
pub fn process(files: &[PathBuf], data: &Path, out: &Path, args: &[&str]) -> Batch {
    let begun = Instant::now();
    let docfleet = std::env::current_exe().map(|us| us.with_file_name("docfleet"));
    let status = Command::new(docfleet.expect("a bench knows its own path"))
        .arg("process")
        .args(files)
        .arg("--out")
        .arg(out)
        .arg("--data")
        .arg(data)
        .args(args)
        .stdin(Stdio::null())
        .status()
        .unwrap_or_else(|e| panic!("docfleet cannot be run: {e}; run `make build` first"));
    assert!(
        matches!(status.code(), Some(0 | 1)),
        "docfleet process ended with {status}"
    );
    Batch {
        out: out.to_owned(),
        took: begun.elapsed(),
    }
}
