//! `docfleet workers`, `drain`

use super::{WHO, broker};
use crate::args::{Drain, Look};
use crate::output::{self, Cell, Table, Tone, View};
use crate::say;
use anyhow::{Result, bail};
use broker::WorkerRow;
use serde_json::json;
use settings::Settings;
use std::process::ExitCode;

pub async fn list(look: &Look, settings: &Settings) -> Result<ExitCode> {
    let broker = broker(&look.fleet, settings).await?;
    output::show(look.watch.every, look.fleet.json, async || {
        let workers = broker.workers().await?;
        Ok(View::new(&workers)?.table(table(&workers)))
    })
    .await
}

fn table(workers: &[WorkerRow]) -> Table {
    let mut table = Table::new(&[
        "worker",
        "name",
        "host",
        "pid",
        "slots",
        "seen s ago",
        "state",
        "queues",
    ])
    .cut(&["queues", "host"])
    .spare(&["host", "seen s ago", "queues", "pid", "slots"]);
    for worker in workers {
        let (state, tone) = match worker {
            _ if !worker.alive => ("silent", Tone::Bad),
            _ if worker.drain => ("draining", Tone::Dim),
            _ => ("works", Tone::Good),
        };
        table.row([
            worker.id.into(),
            worker.name.as_str().into(),
            worker.host.as_str().into(),
            worker.pid.into(),
            slots(worker).into(),
            format!("{:.0}", worker.silent_s).into(),
            Cell::new(state, tone),
            worker.queues.join(",").into(),
        ]);
    }
    table
}

/// Slots in use, of all slots.
fn slots(worker: &WorkerRow) -> String {
    let busy = worker.slots.iter().filter(|slot| slot.task.is_some());
    format!("{}/{}", busy.count(), worker.slots.len())
}

pub async fn drain(args: &Drain, settings: &Settings) -> Result<ExitCode> {
    let broker = broker(&args.fleet, settings).await?;
    let workers = broker.workers().await?;
    let wanted: Vec<&WorkerRow> = workers
        .iter()
        .filter(|worker| worker.id.to_string().starts_with(&args.worker.to_ascii_lowercase()))
        .collect();
    let worker = match wanted[..] {
        [worker] => worker,
        [] => bail!("there is no worker {}; `docfleet workers` lists them", args.worker),
        _ => bail!(
            "{} begins the ids of {} workers; give more of it",
            args.worker,
            wanted.len()
        ),
    };
    if !broker.drain(worker.id, WHO).await? {
        bail!("worker {} has just gone", worker.id);
    }
    if args.fleet.json {
        output::json(&json!({ "worker": worker.id, "draining": true }))?;
    } else {
        say!(
            "worker {} ({}, process {}) finishes what it runs and stops",
            worker.id,
            worker.name,
            worker.pid
        );
    }
    Ok(ExitCode::SUCCESS)
}
