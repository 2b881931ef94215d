//! Worker processes: what their child processes do, and how often those were replaced; drain.

use super::layout::live;
use super::parts::button;
use super::words::{maybe_when, memory, seconds, short};
use super::{Acted, Shown};
use crate::actions::drain_worker;
use crate::api::Id;
use crate::state::Dashboard;
use axum::extract::State;
use axum::response::Redirect;
use broker::inspect::{Slot, WorkerRow};
use maud::{Markup, html};
use queue_schema::{Policy, Queue};
use std::sync::Arc;
use web::Who;

pub async fn show(State(dashboard): State<Arc<Dashboard>>) -> Shown {
    let fleet = dashboard.fleet().await?;
    let served = |queue: &Queue| {
        fleet
            .workers
            .iter()
            .any(|w| w.alive && w.queues.iter().any(|q| q == queue.as_str()))
    };
    let deserted: Vec<&str> = Queue::ALL.iter().filter(|q| !served(q)).map(|q| q.as_str()).collect();
    let body = html! {
        h1 { "Workers" }
        @if fleet.workers.is_empty() {
            p.empty { "No worker has made itself known. Start some: " code { "docfleet up" } " runs all of them on one machine; " code { "worker-ocr" } " and its sisters run alone." }
        }
        @if !deserted.is_empty() && !fleet.workers.is_empty() { p.quiet { "No worker serves " (deserted.join(", ")) "." } }
        @for worker in &fleet.workers { (card(&dashboard, worker)) }
    };
    Ok(live("Workers", "/workers", body))
}

fn card(dashboard: &Dashboard, worker: &WorkerRow) -> Markup {
    let (sign, state, tone) = match worker {
        _ if !worker.alive => ("✕", "silent", "dead"),
        _ if worker.drain => ("◷", "draining", "scheduled"),
        _ if worker.shortage.is_some() => ("◷", "waits for space", "scheduled"),
        _ => ("✓", "works", "done"),
    };
    html! {
        section.card.worker #{ "w-" (worker.id) } data-key=(worker.id) {
            div.head {
                div {
                    h2 { (worker.name) " on " (worker.host) " " span class={ "pill " (tone) } { span aria-hidden="true" { (sign) } " " (state) } }
                    p.quiet {
                        "process " (worker.pid) " · serves "
                        @for (i, queue) in worker.queues.iter().enumerate() { @if i > 0 { ", " } a href={ "/queues/" (queue) } { (queue) } }
                        " · up since " (maybe_when(Some(worker.started_at)))
                        " · heard of " (seconds(worker.silent_s)) " ago"
                    }
                }
                @if !worker.drain && worker.alive { (button(&format!("/workers/{}/drain", worker.id), "Drain", "")) }
            }
            @if worker.drain && worker.alive { p.notice.busy { "It finishes what it runs and stops. What starts it may start it again." } }
            @if let Some(shortage) = worker.shortage.as_ref().filter(|_| worker.alive) { p.notice.busy { "It takes no tasks that need space: " (shortage) "." } }
            (slots(worker, &limits(dashboard, worker)))
            (recycles(worker))
            (sandbox(worker))
        }
    }
}

/// The memory limits at which this worker's children are replaced and killed: those of its queue with the highest limit.
fn limits(dashboard: &Dashboard, worker: &WorkerRow) -> Policy {
    let queues = worker.queues.iter().filter_map(|name| name.parse::<Queue>().ok());
    let policies = queues.map(|queue| dashboard.store.broker().policy(queue).clone());
    policies.max_by_key(|policy| policy.kill_kib).unwrap_or(Policy::NONE)
}

fn slots(worker: &WorkerRow, limits: &Policy) -> Markup {
    if worker.slots.is_empty() {
        return html! { p.empty { "It has no child processes yet." } };
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Slots of " (worker.name) } {
            table {
                thead { tr { th.n { "Child" } th { "Task" } th { "Memory" } th.n { "Age" } th.n { "Tasks done" } } }
                tbody { @for slot in &worker.slots { (one_slot(slot, limits)) } }
            }
        }
    }
}

fn one_slot(slot: &Slot, limits: &Policy) -> Markup {
    let state = match slot.rss_kib {
        rss if rss >= limits.kill_kib => "is killed at",
        rss if rss >= limits.recycle_kib => "is replaced after its task; killed at",
        _ => "of",
    };
    html! {
        tr {
            td.n { (slot.pid) }
            td { @match slot.task { Some(task) => a.id href={ "/tasks/" (task) } { (short(task)) }, None => span.quiet { "idle" } } }
            td {
                meter min="0" max=(limits.kill_kib) low=(limits.recycle_kib) high=(limits.recycle_kib) optimum="0" value=(slot.rss_kib)
                    title={ "replaced after its task from " (memory(limits.recycle_kib)) ", ended at " (memory(limits.kill_kib)) }
                    aria-label="Memory" { (memory(slot.rss_kib)) }
                " " (memory(slot.rss_kib)) span.quiet { " " (state) " " (memory(limits.kill_kib)) }
            }
            td.n { (seconds(slot.age_s as f64)) }
            td.n { (slot.tasks_done) }
        }
    }
}

fn recycles(worker: &WorkerRow) -> Markup {
    html! {
        p.quiet {
            @if worker.recycles.is_empty() { "No child has been replaced." }
            @else {
                "Children replaced: "
                @for (i, (cause, times)) in worker.recycles.iter().enumerate() { @if i > 0 { ", " } (times) " by " (cause.replace('_', " ")) }
                "."
            }
        }
    }
}

/// The sandbox of the worker's children: which parts are in force and which are missing.
fn sandbox(worker: &WorkerRow) -> Markup {
    let Some(sandbox) = &worker.sandbox else {
        return html! { p.quiet { "It has not told yet what its children are kept from." } };
    };
    let granted = sandbox.granted.join(", ");
    html! {
        @if sandbox.missing.is_empty() {
            p.quiet { "Sandbox of its children: every part is in force (" (granted) ")." }
        } @else {
            p.notice.bad {
                "Its children lack a part of their sandbox: "
                @for (i, gap) in sandbox.missing.iter().enumerate() { @if i > 0 { ", " } b { (gap.part) } " (" (gap.reason) ")" }
                ". In force: " @if granted.is_empty() { "none" } @else { (granted) } "."
            }
        }
    }
}

pub async fn drain(State(dashboard): State<Arc<Dashboard>>, who: Who, Id(id): Id) -> Acted {
    drain_worker(&dashboard, &who, id).await?;
    Ok(Redirect::to("/workers"))
}
