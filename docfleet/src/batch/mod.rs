//! `docfleet process`: a batch of files through the real queues.

mod host;
mod one;
mod progress;
mod stems;
mod summary;

pub use one::{Outcome, follow, upload};

use crate::args::{Process, Treatment};
use crate::client::{Gateway, Upload};
use crate::output;
use anyhow::{Context, Result};
use boot::Shutdown;
use futures_util::{StreamExt, stream};
use host::Host;
use one::Batch;
use progress::Progress;
use settings::Settings;
use std::process::ExitCode;
use uuid::Uuid;

/// Documents under way at once: enough to keep a large fleet busy, few enough to ask after each of them often.
const UNDER_WAY: usize = 48;

impl Treatment {
    /// What goes with the batch's `n`th file.
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

/// Processes the files on a running fleet, or on one of its own, and writes what they hold.
pub async fn process(args: &Process, settings: &Settings) -> Result<ExitCode> {
    std::fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let shutdown = Shutdown::listen()?;
    let started = tokio::select! {
        host = Host::find_or_start(&args.fleet.data, settings) => host?,
        () = shutdown.drain.cancelled() => return Ok(ExitCode::FAILURE),
    };
    let outcomes = run(args, started.gateway().clone(), &shutdown).await;
    started.end(&shutdown).await;
    let outcomes = outcomes?;
    let failed = outcomes.iter().filter(|outcome| !outcome.is_done()).count();
    if args.fleet.json {
        output::json(&outcomes)?;
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// In the order of the files given.
async fn run(args: &Process, gateway: Gateway, shutdown: &Shutdown) -> Result<Vec<Outcome>> {
    let batch = Batch::new(gateway, args.out.clone(), shutdown.drain.clone());
    let progress = Progress::new(args.files.len(), args.fleet.json);
    let id = Uuid::now_v7();
    let jobs = args.files.iter().zip(stems::of(&args.files)).enumerate();
    let mut outcomes: Vec<(usize, Outcome)> = stream::iter(jobs)
        .map(|(n, (file, stem))| {
            let (batch, progress, upload) = (&batch, &progress, args.treatment.upload(id, n));
            async move {
                let outcome = batch.one(file, &stem, &upload, progress).await;
                progress.ended(&outcome);
                (n, outcome)
            }
        })
        .buffer_unordered(UNDER_WAY)
        .collect()
        .await;
    progress.finish();
    outcomes.sort_by_key(|(n, _)| *n);
    let outcomes: Vec<Outcome> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    summary::write(&args.out.join("summary.csv"), &outcomes)?;
    Ok(outcomes)
}
