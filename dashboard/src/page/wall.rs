//! The whole fleet on a wall screen.

use super::Shown;
use super::layout::live;
use super::overview::warnings;
use super::parts::{pill, spark};
use super::words::{number, seconds};
use crate::fleet::QueueNow;
use crate::state::Dashboard;
use axum::extract::State;
use maud::{Markup, html};
use std::sync::Arc;

pub async fn show(State(dashboard): State<Arc<Dashboard>>) -> Shown {
    let fleet = dashboard.fleet().await?;
    let history = fleet.history();
    let done: i64 = history.iter().map(|m| m.done).sum();
    let failed: i64 = history.iter().map(|m| m.failed).sum();
    let body = html! {
        h1.hidden { "The whole fleet" }
        (warnings(&fleet.warnings))
        section.chart {
            h2 #hour { "Last hour: " (number(done)) " tasks done, " (number(failed)) " failed runs" }
            (spark(&history, (960, 160), "the fleet"))
            p.axis { span { "60 min ago" } span { "now" } }
        }
        section.wall-tiles aria-label="Queues" { @for queue in &fleet.queues { (tile(queue)) } }
    };
    Ok(live("Wall", "/wall", body).on_wall())
}

fn tile(queue: &QueueNow) -> Markup {
    let q = &queue.figures;
    let idle = q.depth + q.running + q.scheduled + q.dead == 0;
    let class = match () {
        () if q.is_deserted() => "bad",
        () if q.paused => "busy",
        () if idle => "idle",
        () => "",
    };
    html! {
        a class={ "wall-tile " (class) } href={ "/queues/" (q.name) } data-key=(q.name) {
            span.name { (q.name) @if q.paused { " " (pill("paused")) } }
            span.big { (number(q.depth)) span.quiet { " waiting" } }
            span.line {
                (number(q.running)) " running · "
                @if q.is_deserted() { strong { "no worker" } } @else { (number(q.workers)) (if q.workers == 1 { " worker" } else { " workers" }) }
            }
            span.line.quiet {
                @if let Some(age) = q.oldest_age_s { "oldest " (seconds(age)) }
                @if q.dead > 0 { strong.bad { " " (number(q.dead)) " dead" } }
                @if q.oldest_age_s.is_none() && q.dead == 0 { "nothing waits" }
            }
            (spark(&queue.history, (240, 32), q.name.as_str()))
        }
    }
}
