//! `docfleet submit`, `status`, `retry`, `cancel`

use super::gateway;
use crate::args::{OneDocument, Retry, Status, Submit};
use crate::batch::{follow, upload};
use crate::client::{Document, Gateway, Upload};
use crate::output::{self, Cell, Table, Tone};
use crate::say;
use anyhow::{Context, Result};
use queue_schema::document::DocumentStatus;
use serde_json::{Value, json};
use settings::Settings;
use std::path::Path;
use std::process::ExitCode;
use uuid::Uuid;

pub async fn submit(args: &Submit, settings: &Settings) -> Result<ExitCode> {
    let gateway = gateway(&args.remote, settings)?;
    let (batch, mut code) = (Uuid::now_v7(), ExitCode::SUCCESS);
    let mut answers = Vec::new();
    for (n, file) in args.files.iter().enumerate() {
        let name = file.display();
        match submit_one(&gateway, file, &args.treatment.upload(batch, n)).await {
            Ok(document) => {
                if !args.remote.fleet.json && !args.wait {
                    say!("{}  {name}", document.id);
                }
                answers.push((
                    document.id,
                    json!({ "file": name.to_string(), "document": document.id }),
                ));
            }
            Err(error) => {
                eprintln!("failed  {name}  {error:#}");
                answers.push((
                    Uuid::nil(),
                    json!({ "file": name.to_string(), "error": format!("{error:#}") }),
                ));
                code = ExitCode::FAILURE;
            }
        }
    }
    if args.wait {
        for (id, answer) in answers.iter_mut().filter(|(id, _)| !id.is_nil()) {
            let document = follow(&gateway, *id, |_| {}).await?;
            if document.status != DocumentStatus::Done {
                code = ExitCode::FAILURE;
            }
            if args.remote.fleet.json {
                *answer = gateway.document_json(*id).await?;
            } else {
                tell(&document);
            }
        }
    }
    if args.remote.fleet.json {
        let answers: Vec<Value> = answers.into_iter().map(|(_, answer)| answer).collect();
        output::json(&answers)?;
    }
    Ok(code)
}

async fn submit_one(gateway: &Gateway, file: &Path, with: &Upload) -> Result<Document> {
    Ok(upload(gateway, file, with).await?)
}

fn tell(document: &Document) {
    let category = document
        .category
        .as_ref()
        .map_or("no category", |category| &category.name);
    match &document.error {
        None => say!(
            "{}  {}  {}  {category}",
            document.id,
            document.status,
            document.file_name
        ),
        Some(error) => eprintln!(
            "{}  {}  {}  {}: {}",
            document.id, document.status, document.file_name, error.code, error.message
        ),
    }
}

pub async fn status(args: &Status, settings: &Settings) -> Result<ExitCode> {
    let gateway = gateway(&args.remote, settings)?;
    match args.document {
        Some(id) => one(&gateway, id, args.remote.fleet.json).await,
        None => newest(&gateway, args).await,
    }
}

async fn one(gateway: &Gateway, id: Uuid, as_json: bool) -> Result<ExitCode> {
    let view = gateway.document_json(id).await?;
    if as_json {
        output::json(&view)?;
        return Ok(ExitCode::SUCCESS);
    }
    let document: Document = serde_json::from_value(view).context("the gateway's answer is not a document")?;
    tell(&document);
    let mut table = Table::new(&["stage", "state", "work s", "why"]);
    for stage in &document.stages {
        table.row([
            stage.stage.into(),
            Cell::new(&stage.state, tone(&stage.state)),
            format!("{:.1}", stage.work_ms as f64 / 1000.0).into(),
            stage.why.as_deref().unwrap_or_default().into(),
        ]);
    }
    table.print();
    Ok(ExitCode::SUCCESS)
}

fn tone(state: &str) -> Tone {
    match state {
        "done" => Tone::Good,
        "failed" => Tone::Bad,
        "skipped" | "cancelled" => Tone::Dim,
        _ => Tone::Plain,
    }
}

async fn newest(gateway: &Gateway, args: &Status) -> Result<ExitCode> {
    let answer = gateway.documents_json(args.limit).await?;
    if args.remote.fleet.json {
        output::json(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let list = answer.get("documents").cloned().unwrap_or(answer);
    let documents: Vec<Document> =
        serde_json::from_value(list).context("the gateway's answer is not a list of documents")?;
    let mut table = Table::new(&["document", "status", "pages", "category", "file", "error"]);
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
    table.print();
    Ok(ExitCode::SUCCESS)
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
