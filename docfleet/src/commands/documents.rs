//! `docfleet submit`, `status`, `retry`, `cancel`

use super::gateway;
use crate::args::{OneDocument, Retry, Status, Submit};
use crate::batch::{self, Batch, Lines, upload};
use crate::client::{Document, Gateway};
use crate::output::{self, Cell, Table, Tone, View};
use crate::{exit, say};
use anyhow::{Context, Result};
use boot::Shutdown;
use serde_json::{Value, json};
use settings::Settings;
use std::process::ExitCode;
use uuid::Uuid;

pub async fn submit(args: &Submit, settings: &Settings) -> Result<ExitCode> {
    let gateway = gateway(&args.remote, settings)?;
    if args.wait {
        return submit_and_wait(args, gateway).await;
    }
    let (batch, mut well) = (Uuid::now_v7(), true);
    let mut answers = Vec::new();
    for (n, file) in args.files.iter().enumerate() {
        let name = file.display();
        answers.push(match upload(&gateway, file, &args.treatment.upload(batch, n)).await {
            Ok(document) => {
                if !args.remote.fleet.json {
                    say!("{}  {name}", document.id);
                }
                json!({ "file": name.to_string(), "document": document.id })
            }
            Err(error) => {
                eprintln!("failed  {name}  {}", output::harmless(&error));
                well = false;
                json!({ "file": name.to_string(), "error": error.to_string() })
            }
        });
    }
    if args.remote.fleet.json {
        output::json(&answers)?;
    }
    Ok(exit::all_well(well))
}

async fn submit_and_wait(args: &Submit, gateway: Gateway) -> Result<ExitCode> {
    let as_json = args.remote.fleet.json;
    let shutdown = Shutdown::listen()?;
    let batch = Batch::new(gateway.clone(), None, shutdown.drain.clone());
    let lines = if as_json { Lines::Failures } else { Lines::All };
    let outcomes = batch::all(&args.files, &args.treatment, &batch, lines).await;
    if as_json {
        let mut answers = Vec::new();
        for outcome in &outcomes {
            answers.push(match outcome.document {
                Some(id) => gateway.document_json(id).await?,
                None => json!({ "file": outcome.file, "error": outcome.message }),
            });
        }
        output::json(&answers)?;
    }
    Ok(batch::code(&outcomes, &shutdown))
}

pub async fn status(args: &Status, settings: &Settings) -> Result<ExitCode> {
    let gateway = gateway(&args.remote, settings)?;
    output::show(args.watch.every, args.remote.fleet.json, async || match args.document {
        Some(id) => one(gateway.document_json(id).await?),
        None => newest(gateway.documents_json(args.limit).await?),
    })
    .await
}

fn one(answer: Value) -> Result<View> {
    let document: Document =
        serde_json::from_value(answer.clone()).context("the gateway's answer is not a document")?;
    let mut stages = Table::new(&["stage", "state", "work s", "why"]).cut(&["why"]);
    for stage in &document.stages {
        stages.row([
            stage.stage.into(),
            Cell::new(&stage.state, tone(&stage.state)),
            format!("{:.1}", stage.work_ms as f64 / 1000.0).into(),
            stage.why.as_deref().unwrap_or_default().into(),
        ]);
    }
    Ok(View::new(answer)?.line(in_words(&document)).table(stages))
}

fn in_words(document: &Document) -> Cell {
    let named = format!("{}  {}  {}", document.id, document.status, document.file_name);
    match (&document.error, &document.category) {
        (Some(error), _) => Cell::new(format!("{named}  {}: {}", error.code, error.message), Tone::Bad),
        (None, Some(category)) => format!("{named}  {}", category.name).into(),
        (None, None) => format!("{named}  no category").into(),
    }
}

fn tone(state: &str) -> Tone {
    match state {
        "done" => Tone::Good,
        "failed" => Tone::Bad,
        "skipped" | "cancelled" => Tone::Dim,
        _ => Tone::Plain,
    }
}

fn newest(answer: Value) -> Result<View> {
    let list = answer.get("documents").unwrap_or(&answer).clone();
    let documents: Vec<Document> =
        serde_json::from_value(list).context("the gateway's answer is not a list of documents")?;
    let mut table = Table::new(&["document", "status", "pages", "category", "file", "error"])
        .cut(&["file", "error"])
        .spare(&["category", "pages"]);
    for document in &documents {
        let status = document.status.as_str();
        table.row([
            document.id.into(),
            Cell::new(status, tone(status)),
            document.page_count.map_or("-".into(), |pages| pages.to_string()).into(),
            document.category.as_ref().map_or("-", |category| &category.name).into(),
            document.file_name.as_str().into(),
            document.error.as_ref().map_or("", |error| error.code.as_str()).into(),
        ]);
    }
    Ok(View::new(answer)?.table(table))
}

pub async fn retry(args: &Retry, settings: &Settings) -> Result<ExitCode> {
    let answer = gateway(&args.remote, settings)?
        .retry(args.document, args.from_stage)
        .await?;
    done(args.remote.fleet.json, &answer, || {
        say!("document {} is processed again", args.document)
    })
}

pub async fn cancel(args: &OneDocument, settings: &Settings) -> Result<ExitCode> {
    let answer = gateway(&args.remote, settings)?.cancel(args.document).await?;
    done(args.remote.fleet.json, &answer, || {
        say!("document {} is cancelled", args.document)
    })
}

fn done(as_json: bool, answer: &Value, tell: impl FnOnce()) -> Result<ExitCode> {
    if as_json {
        output::json(answer)?;
    } else {
        tell();
    }
    Ok(ExitCode::SUCCESS)
}
