//! The start page: warnings, and the state of every queue.

use super::Shown;
use super::layout::live;
use super::parts::{figure, pill, spark};
use super::words::{number, seconds};
use crate::Warning;
use crate::fleet::{Fleet, QueueNow};
use crate::state::Dashboard;
use axum::extract::State;
use maud::{Markup, html};
use std::sync::Arc;

pub async fn show(State(dashboard): State<Arc<Dashboard>>) -> Shown {
    let fleet = dashboard.fleet().await?;
    let body = html! {
        h1.hidden { "Overview" }
        (warnings(&fleet.warnings))
        (totals(&fleet))
        section {
            h2 #queues { "Queues" }
            (queues(&fleet))
        }
    };
    Ok(live("Overview", "/", body))
}

pub fn warnings(warnings: &[Warning]) -> Markup {
    html! {
        section.warnings aria-label="What to look at" aria-live="polite" {
            @if warnings.is_empty() {
                p.notice.ok { span aria-hidden="true" { "✓ " } strong { "All is well." } " Every queue with work has workers, and nothing waits for an operator." }
            }
            @for warning in warnings {
                p class={ "notice " (tone(warning.code)) } data-code=(warning.code) {
                    span aria-hidden="true" { "⚠ " } (warning.message) " " a href=(warning.link) { "Look" }
                }
            }
        }
    }
}

/// The style of a warning: red when work is blocked, yellow for what an operator did on purpose or may fix later.
fn tone(code: &str) -> &'static str {
    match code {
        "queue_paused" | "dead_letters" => "busy",
        _ => "bad",
    }
}

fn totals(fleet: &Fleet) -> Markup {
    let hour = fleet
        .history()
        .iter()
        .fold((0, 0), |(done, failed), m| (done + m.done, failed + m.failed));
    let alive = fleet.workers.iter().filter(|worker| worker.alive).count();
    let tile = |name: &str, value: String, link: &str, class: &str| {
        html! { a class={ "tile " (class) } href=(link) { span.quiet { (name) } strong { (value) } } }
    };
    let dead = fleet.sum(|q| q.dead);
    html! {
        section.tiles aria-label="The fleet in numbers" {
            (tile("waiting", number(fleet.sum(|q| q.depth)), "/tasks?state=ready", ""))
            (tile("running", number(fleet.sum(|q| q.running)), "/tasks?state=running", ""))
            (tile("due later", number(fleet.sum(|q| q.scheduled)), "/tasks?state=scheduled", ""))
            (tile("dead letters", number(dead), "/dead", if dead > 0 { "bad" } else { "" }))
            (tile("workers", number(i64::try_from(alive).unwrap_or_default()), "/workers", ""))
            (tile("done, last hour", number(hour.0), "/tasks?state=done", ""))
            (tile("failed runs, last hour", number(hour.1), "/dead", ""))
        }
    }
}

fn queues(fleet: &Fleet) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Queues" {
            table.queues {
                thead { tr {
                    th { "Queue" }
                    th.n { "Waiting" }
                    th.n { "Oldest" }
                    th.n { "Running" }
                    th.n { "Due later" }
                    th.n { "Dead" }
                    th.n { "Workers" }
                    th.n { "Done/min" }
                    th.n { "Failed/min" }
                    th { "Last hour" }
                } }
                tbody { @for queue in &fleet.queues { (row(queue)) } }
            }
        }
    }
}

fn row(queue: &QueueNow) -> Markup {
    let q = &queue.figures;
    let name = q.name.as_str();
    let listed = |state: &str| format!("/queues/{name}?state={state}");
    let idle = q.depth + q.running + q.scheduled == 0;
    let deserted = q.is_deserted();
    html! {
        tr data-key=(name) class=[idle.then_some("idle")] {
            th scope="row" {
                a href={ "/queues/" (name) } { (name) }
                @if q.paused { " " (pill("paused")) }
            }
            td.n { (figure(q.depth, &listed("ready"), "")) }
            td.n { @match q.oldest_age_s { Some(age) => (seconds(age)), None => span.quiet { "–" } } }
            td.n { (figure(q.running, &listed("running"), "")) }
            td.n { (figure(q.scheduled, &listed("scheduled"), "")) }
            td.n { (figure(q.dead, &super::parts::address("/dead", &[("queue", Some(name))]), "bad")) }
            td.n {
                @if deserted { a.bad href="/workers" { span aria-hidden="true" { "⚠ " } "none" } }
                @else { (figure(q.workers, "/workers", "")) }
            }
            td.n { (figure(q.throughput_1m, &listed("done"), "")) }
            td.n { (figure(q.failed_1m, &listed("scheduled"), "bad")) }
            td.wide { (spark(&queue.history, (240, 24), name)) }
        }
    }
}
