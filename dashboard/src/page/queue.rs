//! One queue: its tasks by state, their durations, its limits; pause and resume.

use super::layout::live;
use super::parts::{Columns, address, button, pager, pill, spark, tasks};
use super::words::{number, policy, seconds, when};
use super::{Acted, Shown};
use crate::actions::switch_queue;
use crate::api::queues::{QueueDetail, queue_detail};
use crate::api::tasks::list_tasks;
use crate::api::{Name, TaskListing};
use crate::state::Dashboard;
use axum::extract::{Path, State};
use axum::response::Redirect;
use broker::inspect::{Quantiles, QueueFigures};
use maud::{Markup, html};
use queue_schema::State as TaskState;
use std::sync::Arc;
use web::{Params, Problem, Who};

pub async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    name: Name,
    Params(mut listing): Params<TaskListing>,
) -> Shown {
    let queue = name.queue()?;
    let state = listing.state.take().filter(|state| !state.is_empty());
    let state = state.unwrap_or_else(|| TaskState::Ready.to_string());
    listing.state = Some(state.clone());
    listing.queue = Some(queue.to_string());
    let (detail, list) = (
        queue_detail(&dashboard, queue).await?,
        list_tasks(&dashboard, &listing).await?,
    );
    let here = format!("/queues/{queue}");
    let of_state = |state: &str, cursor: Option<&str>| address(&here, &[("state", Some(state)), ("cursor", cursor)]);
    let first = of_state(&state, None);
    let next = list.next_cursor.as_deref().map(|cursor| of_state(&state, Some(cursor)));
    let q = &detail.now.figures;
    let body = html! {
        (head(q))
        div.columns {
            section.card {
                h2 #hour { "Last hour" }
                (spark(&detail.now.history, (480, 64), queue.as_str()))
                (timings(&detail))
            }
            section.card {
                h2 #policy { "Policy" }
                ul.plain { @for sentence in policy(&q.policy) { li { (sentence) } } }
            }
        }
        section {
            h2 #tasks { "Tasks" }
            nav.tabs aria-label="States" {
                @for (state_of_tab, n) in tabs(q) {
                    a href=(of_state(state_of_tab.as_str(), None)) aria-current=[(state_of_tab.as_str() == state).then_some("true")] {
                        (state_of_tab) @if let Some(n) = n { " " span.quiet { (number(n)) } }
                    }
                }
            }
            (tasks(&list.tasks, Columns::WithoutQueue, &empty(&state)))
            (pager(listing.cursor.is_some().then_some(first.as_str()), next))
        }
    };
    Ok(live(format!("Queue {queue}"), "/", body))
}

fn head(q: &QueueFigures) -> Markup {
    let name = q.name;
    html! {
        div.head {
            div {
                h1 { "Queue " (name) @if q.paused { " " (pill("paused")) } }
                p.quiet {
                    (number(q.depth)) " waiting"
                    @if let Some(age) = q.oldest_age_s { ", the oldest for " (seconds(age)) }
                    " · " (number(q.running)) " running · " (number(q.workers)) (if q.workers == 1 { " worker" } else { " workers" })
                }
            }
            @if q.paused { (button(&format!("/queues/{name}/resume"), "Resume", "primary")) }
            @else { (button(&format!("/queues/{name}/pause"), "Pause", "")) }
        }
        @if q.paused {
            p.notice.busy role="status" {
                "Paused by " (q.paused_by.as_deref().unwrap_or("somebody"))
                @if let Some(at) = q.paused_at { ", " (when(at)) }
                ": no task starts until it is resumed; what runs goes on."
            }
        }
        @if q.is_deserted() {
            p.notice.bad role="status" { "No worker serves this queue, and it has work. Start a worker that does." }
        }
    }
}

fn tabs(q: &QueueFigures) -> [(TaskState, Option<i64>); 6] {
    [
        (TaskState::Ready, Some(q.depth)),
        (TaskState::Running, Some(q.running)),
        (TaskState::Scheduled, Some(q.scheduled)),
        (TaskState::Dead, Some(q.dead)),
        (TaskState::Done, None),
        (TaskState::Cancelled, None),
    ]
}

fn empty(state: &str) -> String {
    match state {
        "ready" => "Nothing waits here.".into(),
        "running" => "Nothing runs.".into(),
        "scheduled" => "Nothing is due later: no task backs off.".into(),
        "dead" => "No dead letters.".into(),
        other => format!("No task is {other}; ended tasks of no document are kept for RETENTION_DAYS."),
    }
}

fn timings(detail: &QueueDetail) -> Markup {
    let line = |name: &str, q: Option<Quantiles>| {
        html! {
            tr {
                th scope="row" { (name) }
                @match q {
                    Some(q) => { td.n { (seconds(q.p50)) } td.n { (seconds(q.p95)) } td.n { (seconds(q.p99)) } },
                    None => { td.n { "–" } td.n { "–" } td.n { "–" } },
                }
            }
        }
    };
    html! {
        table.small {
            caption { "Of " (number(detail.timings.tasks)) " tasks done in the last hour" }
            thead { tr { th { span.hidden { "Figure" } } th.n { "p50" } th.n { "p95" } th.n { "p99" } } }
            tbody {
                (line("Wait until the first run", detail.timings.wait))
                (line("Work", detail.timings.work))
            }
        }
    }
}

pub async fn act(
    State(dashboard): State<Arc<Dashboard>>,
    who: Who,
    Path((name, action)): Path<(String, String)>,
) -> Acted {
    let queue = Name(name).queue()?;
    let paused = match action.as_str() {
        "pause" => true,
        "resume" => false,
        other => {
            return Err(Problem::not_found(
                "action_not_found",
                format!("a queue cannot be told to {other:?}"),
            ));
        }
    };
    switch_queue(&dashboard, &who, queue, paused).await?;
    Ok(Redirect::to(&format!("/queues/{queue}")))
}
