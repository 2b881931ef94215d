//! `docfleet train`, `evaluate`, `models`, `activate`

use super::{WHO, store};
use crate::args::{Activate, Project, Train, Which};
use crate::exit;
use crate::output::{self, Cell, Table, Tone, View};
use crate::say;
use anyhow::Result;
use queue_schema::State;
use serde_json::{Value, json};
use settings::Settings;
use std::process::ExitCode;
use std::time::Duration;
use store::ModelVersion;
use store::Store;
use uuid::Uuid;

const BEAT: Duration = Duration::from_millis(500);

pub async fn train(args: &Train, settings: &Settings) -> Result<ExitCode> {
    let store = store(&args.project.fleet, settings).await?;
    let begun = store.train_categorizer(settings, &args.project.project, WHO).await?;
    follow(&store, args, "training", begun).await
}

pub async fn evaluate(args: &Train, settings: &Settings) -> Result<ExitCode> {
    let store = store(&args.project.fleet, settings).await?;
    let begun = store.evaluate_categorizer(&args.project.project, WHO).await?;
    follow(&store, args, "evaluation", begun).await
}

/// Reports that a task was enqueued, or that one is already in progress. If asked to, waits for its end and reports it.
async fn follow(store: &Store, args: &Train, what: &str, begun: Option<Uuid>) -> Result<ExitCode> {
    let Some(task) = begun else {
        if args.project.fleet.json {
            output::json(&json!({ "task": null, "state": "under way" }))?;
        } else {
            let project = &args.project.project;
            say!("the {what} of project {project} is under way already");
        }
        return Ok(ExitCode::SUCCESS);
    };
    if !args.wait {
        say_task(args, what, task, "enqueued", None)?;
        return Ok(ExitCode::SUCCESS);
    }
    loop {
        let row = store.task(task).await?.task;
        if row.state.is_terminal() {
            say_task(args, what, task, row.state.as_str(), row.error.as_ref())?;
            return Ok(exit::all_well(row.state == State::Done));
        }
        tokio::time::sleep(BEAT).await;
    }
}

fn say_task(args: &Train, what: &str, task: Uuid, state: &str, error: Option<&Value>) -> Result<()> {
    if args.project.fleet.json {
        return output::json(&json!({ "task": task, "state": state, "error": error }));
    }
    match error.and_then(|error| error["message"].as_str()) {
        Some(message) => eprintln!("{what} {task}  {state}: {}", output::harmless(message)),
        None => say!("{what} {task}  {state}"),
    }
    Ok(())
}

pub async fn list(args: &Project, settings: &Settings) -> Result<ExitCode> {
    let models = store(&args.fleet, settings).await?.models(&args.project).await?;
    View::new(&models)?.table(table(&models)).print(args.fleet.json)?;
    Ok(ExitCode::SUCCESS)
}

pub async fn activate(args: &Activate, settings: &Settings) -> Result<ExitCode> {
    let Project { project, fleet } = &args.project;
    let model = match args.model {
        Which::Starter => None,
        Which::Trained(model) => Some(model),
    };
    store(fleet, settings).await?.choose_model(project, model, WHO).await?;
    if fleet.json {
        output::json(&json!({ "project": project, "model": model }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let by = model.map_or("docfleet's starter".into(), |model| format!("model {model}"));
    say!("documents of project {project} are categorized by {by} from now on");
    Ok(ExitCode::SUCCESS)
}

fn table(models: &[ModelVersion]) -> Table {
    let mut table = Table::new(&["model", "kind", "state", "macro F1", "since", "learnt by", "made"]).spare(&[
        "made",
        "learnt by",
        "kind",
    ]);
    for model in models {
        let (state, tone) = if model.active {
            ("active", Tone::Good)
        } else {
            ("kept", Tone::Dim)
        };
        table.row([
            model.id.into(),
            model.kind.as_str().into(),
            Cell::new(state, tone),
            model.figures["macro_f1"]
                .as_f64()
                .map_or("-".into(), |f1| format!("{f1:.3}"))
                .into(),
            latest_f1(model).map_or("-".into(), |f1| format!("{f1:.3}")).into(),
            model.figures["report"]["best"].as_str().unwrap_or("-").into(),
            model.created_at.format("%Y-%m-%d %H:%M").to_string().into(),
        ]);
    }
    table
}

/// The F1 score of the latest evaluation, which uses documents that are newer than the model.
fn latest_f1(model: &ModelVersion) -> Option<f64> {
    model.figures["evaluations"].as_array()?.last()?["macro_f1"].as_f64()
}
