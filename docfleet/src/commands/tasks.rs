//! `docfleet tasks`

use super::broker;
use crate::args::Tasks;
use crate::output::{self, Cell, Table, Tone, View};
use anyhow::Result;
use broker::{TaskRow, TaskSearch};
use chrono::Utc;
use queue_schema::State;
use settings::Settings;
use std::process::ExitCode;

pub async fn list(args: &Tasks, settings: &Settings) -> Result<ExitCode> {
    let search = TaskSearch {
        queue: args.queue,
        state: args.state,
        document: args.document,
        kind: args.kind.clone(),
        after: None,
        limit: args.limit,
    };
    let broker = broker(&args.fleet, settings).await?;
    output::show(args.watch.every, args.fleet.json, async || {
        let tasks = broker.search_tasks(&search).await?.tasks;
        Ok(View::new(&tasks)?.table(table(&tasks)))
    })
    .await
}

fn table(tasks: &[TaskRow]) -> Table {
    let mut table = Table::new(&[
        "task", "queue", "kind", "state", "tries", "progress", "work s", "age s", "document", "error",
    ])
    .cut(&["error"])
    .spare(&["document", "progress", "work s", "kind", "tries", "age s", "queue"]);
    for task in tasks {
        table.row([
            task.id.into(),
            task.queue.as_str().into(),
            task.kind.as_str().into(),
            state(task),
            task.attempts.into(),
            progress(task).into(),
            format!("{:.1}", task.work_ms as f64 / 1000.0).into(),
            (Utc::now() - task.created_at).num_seconds().into(),
            task.document.map_or("-".into(), |id| id.to_string()).into(),
            error(task).into(),
        ]);
    }
    table
}

fn state(task: &TaskRow) -> Cell {
    let tone = match task.state {
        State::Done => Tone::Good,
        State::Dead => Tone::Bad,
        State::Cancelled => Tone::Dim,
        _ => Tone::Plain,
    };
    Cell::new(task.state, tone)
}

fn progress(task: &TaskRow) -> String {
    match (task.progress_done, task.progress_total) {
        (Some(done), Some(total)) => format!("{done}/{total}"),
        _ => "-".into(),
    }
}

fn error(task: &TaskRow) -> String {
    let message = task.error.as_ref().and_then(|error| error.get("message")?.as_str());
    message.unwrap_or_default().replace('\n', " ")
}
