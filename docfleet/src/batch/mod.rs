//! A batch of files, processed by a fleet: `docfleet process`, and `docfleet submit --wait`.

mod host;
mod one;
mod progress;
mod tally;

pub use one::{Batch, Outcome, upload};
pub use progress::{Lines, Progress};

use crate::args::{Process, Treatment};
use crate::client::Upload;
use crate::exit::{self, INTERRUPTED};
use crate::output;
use anyhow::{Context, Result};
use boot::Shutdown;
use futures_util::{StreamExt, stream};
use host::Host;
use one::Job;
use queue_schema::{stems, summary};
use settings::Settings;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use uuid::Uuid;

/// Documents in progress at once: enough to keep a large fleet busy, few enough to poll each of them often.
const UNDER_WAY: usize = 48;

impl Treatment {
    /// The upload parameters of the batch's `n`th file.
    pub fn upload(&self, batch: Uuid, n: usize) -> Upload {
        Upload {
            language: self.language.clone(),
            category: self.category.clone(),
            project: self.project.clone(),
            urgent: self.urgent,
            force_ocr: self.force_ocr,
            key: Some(format!("docfleet-{batch}-{n}")),
        }
    }
}

/// Processes the files on a running fleet, or on a temporary one, and writes the results.
pub async fn process(args: &Process, settings: &Settings) -> Result<ExitCode> {
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let shutdown = Shutdown::listen()?;
    let host = tokio::select! {
        host = Host::find_or_start(&args.fleet.data, settings) => host?,
        () = shutdown.drain.cancelled() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    let batch = Batch::new(host.gateway().clone(), Some(args.out.clone()), shutdown.drain.clone());
    let lines = if args.fleet.json { Lines::Failures } else { Lines::Plain };
    let outcomes = all(&args.files, &args.treatment, &batch, lines).await;
    let written = write_summary(&args.out.join("summary.csv"), &outcomes);
    host.end(&shutdown).await;
    written?;
    if args.fleet.json {
        output::json(&outcomes)?;
    }
    Ok(code(&outcomes, &shutdown))
}

fn write_summary(path: &Path, outcomes: &[Outcome]) -> Result<()> {
    let rows: Vec<_> = outcomes.iter().map(Outcome::row).collect();
    let new = path.with_extension("csv.part");
    fs::write(&new, summary::csv(&rows)).with_context(|| format!("cannot write {}", new.display()))?;
    fs::rename(&new, path).with_context(|| format!("cannot write {}", path.display()))
}

pub fn code(outcomes: &[Outcome], shutdown: &Shutdown) -> ExitCode {
    match outcomes.iter().all(Outcome::is_done) {
        false if shutdown.drain.is_cancelled() => ExitCode::from(INTERRUPTED),
        done => exit::all_well(done),
    }
}

/// Processes all files and returns their outcomes, in the order given.
pub async fn all(files: &[PathBuf], treatment: &Treatment, batch: &Batch, lines: Lines) -> Vec<Outcome> {
    let progress = Progress::new(files.len(), lines);
    let id = Uuid::now_v7();
    let jobs = files
        .iter()
        .zip(stems::of(files))
        .enumerate()
        .map(|(n, (file, stem))| Job {
            n,
            file,
            stem,
            upload: treatment.upload(id, n),
        });
    let mut outcomes: Vec<(usize, Outcome)> = stream::iter(jobs)
        .map(async |job| {
            let outcome = batch.one(&job, &progress).await;
            progress.ended(job.n, &outcome);
            (job.n, outcome)
        })
        .buffer_unordered(UNDER_WAY)
        .collect()
        .await;
    progress.finish();
    outcomes.sort_by_key(|(n, _)| *n);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
