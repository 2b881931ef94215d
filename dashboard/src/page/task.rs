//! One task: why it is not running, its runs, its payload; retry, cancel, discard.

use super::layout::live;
use super::parts::{button, pill};
use super::words::{clock, maybe_when, memory, outcome, policy, seconds, short, when};
use super::{Acted, Shown};
use crate::actions::{cancel_task, discard_task, retry_task};
use crate::api::Id;
use crate::api::tasks::{TaskNow, task_now};
use crate::state::Dashboard;
use axum::extract::{Path, State};
use axum::response::Redirect;
use broker::inspect::{Attempt, Why};
use maud::{Markup, html};
use queue_schema::document::DocumentError;
use queue_schema::{Policy, State as TaskState};
use std::sync::Arc;
use web::{Problem, Who};

pub async fn show(State(dashboard): State<Arc<Dashboard>>, who: Who, Id(id): Id) -> Shown {
    let task = task_now(&dashboard, &who, id).await?;
    let row = &task.detail.task;
    let name = match row.document {
        Some(document) => dashboard.store.document(document).await.ok().map(|d| d.file_name),
        None => None,
    };
    let body = html! {
        div.head {
            div {
                h1 { (row.kind) " " (pill(row.state.as_str())) }
                p.quiet { span.id { (row.id) } " in " a href={ "/queues/" (row.queue) } { (row.queue) } @if row.urgent { " · urgent" } }
            }
            (actions(&task))
        }
        (why(&task))
        section.card { h2 #runs { "Runs" } (runs(&task.detail.runs)) }
        div.columns {
            section.card { h2 #about { "About" } (about(&task, name.as_deref())) }
            section.card {
                h2 #payload { "Payload" }
                @if task.detail.payload.is_null() { p.empty { "Only keys with the scope operate see payloads." } }
                @else { pre tabindex="0" { (serde_json::to_string_pretty(&task.detail.payload).unwrap_or_default()) } }
            }
        }
        @if let Ok(limits) = serde_json::from_value::<Policy>(task.detail.policy.clone()) {
            section.card {
                h2 #policy { "What it may cost, as it was when it was enqueued" }
                ul.plain { @for sentence in policy(&limits) { li { (sentence) } } }
            }
        }
    };
    Ok(live(format!("{} {}", row.kind, short(id)), "/tasks", body))
}

fn actions(task: &TaskNow) -> Markup {
    let row = &task.detail.task;
    let to = |action: &str| format!("/tasks/{}/{action}", row.id);
    let state = row.state;
    let of_document = row.document.is_some() && row.stage.is_some();
    html! {
        div.actions {
            @if matches!(state, TaskState::Dead | TaskState::Cancelled) && task.detail.retried_as.is_none() && row.dismissed_at.is_none() {
                (button(&to("retry"), if of_document { "Retry its document" } else { "Retry" }, "primary"))
            }
            @if state == TaskState::Dead && row.dismissed_at.is_none() { (button(&to("discard"), "Discard", "")) }
            @if !state.is_terminal() {
                (button(&to("cancel"), if of_document { "Cancel its document" } else { "Cancel" }, "danger"))
            }
        }
    }
}

fn why(task: &TaskNow) -> Markup {
    let title = match task.detail.task.state {
        TaskState::Ready | TaskState::Scheduled => "Why it is not running",
        TaskState::Dead | TaskState::Cancelled => "Why it ended",
        _ => "Where it stands",
    };
    html! {
        section.card.why {
            h2 #why { (title) }
            (reasons(&task.why))
        }
    }
}

/// Reasons as a list, one sentence each.
pub fn reasons(why: &[Why]) -> Markup {
    html! {
        ul.reasons {
            @for why in why {
                li data-reason=(serde_json::to_value(why.reason).ok().as_ref().and_then(|r| r.as_str()).unwrap_or_default()) {
                    (capital(&why.sentence)) "."
                }
            }
        }
    }
}

fn capital(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut chars = sentence.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn runs(runs: &[Attempt]) -> Markup {
    if runs.is_empty() {
        return html! { p.empty { "It has not run yet." } };
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label="Runs" {
            table {
                thead { tr {
                    th.n { "Attempt" } th { "Outcome" } th { "Worker" } th { "Began" } th.n { "Took" } th.n { "Peak memory" } th.n { "CPU" } th { "Error" }
                } }
                tbody { @for run in runs { (one_run(run)) } }
            }
        }
    }
}

fn one_run(run: &Attempt) -> Markup {
    let error = run
        .error
        .clone()
        .and_then(|e| serde_json::from_value::<DocumentError>(e).ok());
    html! {
        tr {
            td.n { (run.number) }
            td {
                @match &run.outcome {
                    Some(name) => { @let (word, sentence) = outcome(name); span class={ "outcome " (name) } title=(sentence) { (word) } },
                    None => span.quiet { "running" },
                }
            }
            td {
                @match (&run.worker_name, &run.worker_host) {
                    (Some(name), Some(host)) => a href={ "/workers#w-" (run.worker) } { (name) " on " (host) },
                    _ => span.quiet title=(run.worker) { "gone " (short(run.worker)) },
                }
            }
            td.time { (when(run.started_at)) }
            td.n { @match run.ended_at { Some(end) => (seconds((end - run.started_at).as_seconds_f64())), None => "–" } }
            td.n { @match run.peak_kib { Some(kib) => (memory(kib.unsigned_abs())), None => "–" } }
            td.n { @match run.cpu_ms { Some(ms) => (seconds(ms as f64 / 1000.0)), None => "–" } }
            td.message {
                @if let Some(error) = error {
                    (error.message) @if let Some(page) = error.page { span.quiet { " (page " (page) ")" } }
                }
                @if let Some(said) = &run.said {
                    details { summary { "What it printed last" } pre tabindex="0" { (said) } }
                }
            }
        }
    }
}

fn about(task: &TaskNow, document: Option<&str>) -> Markup {
    let (detail, row) = (&task.detail, &task.detail.task);
    html! {
        dl {
            @if let Some(id) = row.document {
                dt { "Document" }
                dd { a href={ "/documents/" (id) } { (document.unwrap_or("deleted")) } @if let Some(stage) = &row.stage { span.quiet { " · stage " (stage) } } }
            }
            dt { "Enqueued" } dd { (clock(row.created_at)) }
            @if row.state == TaskState::Scheduled { dt { "Due" } dd { (clock(row.due_at)) " · " (when(row.due_at)) } }
            dt { "First run" } dd { (maybe_when(row.started_at)) }
            @if let Some(end) = row.finished_at { dt { "Ended" } dd { (clock(end)) } }
            @if let Some(until) = row.lease_until { dt { "Leased until" } dd { (clock(until)) " · " (when(until)) } }
            dt { "Spent" }
            dd { (row.attempts) " of " (row.max_attempts) " attempts, " (row.crashes) " crashes, " (row.timeouts) " time-outs, " (seconds(row.work_ms as f64 / 1000.0)) " of work" }
            @if let Some(of) = detail.retry_of { dt { "Retry of" } dd { a.id href={ "/tasks/" (of) } { (short(of)) } } }
            @if let Some(again) = detail.retried_as { dt { "Retried as" } dd { a.id href={ "/tasks/" (again) } { (short(again)) } } }
            @if let Some(at) = row.dismissed_at { dt { "Dealt with" } dd { (clock(at)) } }
            @if let Some(trace) = row.trace_id { dt { "Trace, in logs" } dd.id { (trace) } }
            @if !detail.flow.is_empty() { dt { "Shares its turn with" } dd { "flow " (detail.flow) } }
            @if let Some(key) = &detail.unique_key { dt { "Unique as" } dd.id { (key) } }
        }
    }
}

pub async fn act(
    State(dashboard): State<Arc<Dashboard>>,
    who: Who,
    Path((id, action)): Path<(String, String)>,
) -> Acted {
    let Id(id) = id.parse()?;
    let to = match action.as_str() {
        "retry" => {
            let begun = retry_task(&dashboard, &who, id).await?;
            match (begun.task, begun.document) {
                (Some(task), _) => format!("/tasks/{task}"),
                (None, Some(document)) => format!("/documents/{document}"),
                (None, None) => format!("/tasks/{id}"),
            }
        }
        "cancel" => {
            cancel_task(&dashboard, &who, id).await?;
            format!("/tasks/{id}")
        }
        "discard" => {
            discard_task(&dashboard, &who, id).await?;
            format!("/tasks/{id}")
        }
        other => {
            return Err(Problem::not_found(
                "action_not_found",
                format!("a task cannot be told to {other:?}"),
            ));
        }
    };
    Ok(Redirect::to(&to))
}
