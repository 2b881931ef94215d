//! Liveness of the dashboard, and its metrics.

use crate::fleet::{Fleet, QueueNow};
use crate::state::Dashboard;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use std::fmt::Write;
use std::sync::Arc;
use web::problem::{Problem, Result};

/// Alive.
#[utoipa::path(get, path = "/healthz", tag = "service", responses((status = 200, body = String, description = "ok", content_type = "text/plain")))]
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Figures for Prometheus: the queues, from Postgres, and this process.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "service",
    responses(
        (status = 200, body = String, description = "Prometheus' text format", content_type = "text/plain"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn metrics(State(dashboard): State<Arc<Dashboard>>) -> Result<impl IntoResponse> {
    let mut text = of_queues(&*dashboard.fleet().await?);
    if let Some(own) = &dashboard.metrics {
        text.push_str(&own.render());
    }
    Ok((
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    ))
}

type Figure = (&'static str, &'static str, fn(&QueueNow) -> f64);

const FIGURES: [Figure; 7] = [
    ("docfleet_queue_depth", "Tasks that are ready to run.", |q| {
        q.figures.depth as f64
    }),
    (
        "docfleet_queue_oldest_age_seconds",
        "How long the oldest ready task has been ready.",
        |q| q.figures.oldest_age_s.unwrap_or_default(),
    ),
    ("docfleet_queue_running", "Tasks that run.", |q| {
        q.figures.running as f64
    }),
    ("docfleet_queue_scheduled", "Tasks that are due later.", |q| {
        q.figures.scheduled as f64
    }),
    ("docfleet_queue_dead", "Dead letters that nobody has dealt with.", |q| {
        q.figures.dead as f64
    }),
    (
        "docfleet_queue_workers",
        "Living worker processes that take the queue's tasks.",
        |q| q.figures.workers as f64,
    ),
    ("docfleet_queue_paused", "1 while the queue is paused.", |q| {
        f64::from(u8::from(q.figures.paused))
    }),
];

fn of_queues(fleet: &Fleet) -> String {
    let mut text = String::new();
    for (name, help, figure) in FIGURES {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for queue in &fleet.queues {
            let _ = writeln!(text, "{name}{{queue=\"{}\"}} {}", queue.figures.name, figure(queue));
        }
    }
    text
}
