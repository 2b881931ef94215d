//! `docfleet queues`, `pause`, `resume`

use super::{WHO, broker};
use crate::args::{Look, OneQueue};
use crate::output::{self, Cell, Table, Tone, View};
use crate::say;
use anyhow::Result;
use broker::QueueFigures;
use serde_json::json;
use settings::Settings;
use std::process::ExitCode;

pub async fn list(look: &Look, settings: &Settings) -> Result<ExitCode> {
    let broker = broker(&look.fleet, settings).await?;
    output::show(look.watch.every, look.fleet.json, async || {
        let queues = broker.queue_figures().await?;
        Ok(View::new(&queues)?.table(table(&queues)))
    })
    .await
}

fn table(queues: &[QueueFigures]) -> Table {
    let mut table = Table::new(&[
        "queue",
        "depth",
        "oldest s",
        "running",
        "scheduled",
        "dead",
        "done/min",
        "failed/min",
        "workers",
        "state",
    ])
    .spare(&["scheduled", "done/min", "oldest s", "failed/min", "workers", "running"]);
    for queue in queues {
        let alarm = |count: i64| Cell::new(count, if count > 0 { Tone::Bad } else { Tone::Plain });
        let (state, tone) = state(queue);
        table.row([
            queue.name.into(),
            queue.depth.into(),
            queue.oldest_age_s.map_or("-".into(), |age| format!("{age:.0}")).into(),
            queue.running.into(),
            queue.scheduled.into(),
            alarm(queue.dead),
            queue.throughput_1m.into(),
            alarm(queue.failed_1m),
            queue.workers.into(),
            Cell::new(state, tone),
        ]);
    }
    table
}

fn state(queue: &QueueFigures) -> (&'static str, Tone) {
    match queue {
        _ if queue.paused => ("paused", Tone::Bad),
        _ if queue.is_deserted() => ("work but no worker", Tone::Bad),
        _ if queue.workers == 0 => ("no worker", Tone::Dim),
        _ => ("open", Tone::Good),
    }
}

pub async fn pause(args: &OneQueue, settings: &Settings) -> Result<ExitCode> {
    broker(&args.fleet, settings).await?.pause(args.queue, WHO).await?;
    tell(args, true)
}

pub async fn resume(args: &OneQueue, settings: &Settings) -> Result<ExitCode> {
    broker(&args.fleet, settings).await?.resume(args.queue, WHO).await?;
    tell(args, false)
}

fn tell(args: &OneQueue, paused: bool) -> Result<ExitCode> {
    if args.fleet.json {
        output::json(&json!({ "queue": args.queue, "paused": paused }))?;
    } else if paused {
        say!("{} is paused: no task of it starts; what runs goes on", args.queue);
    } else {
        say!("{} is open", args.queue);
    }
    Ok(ExitCode::SUCCESS)
}
