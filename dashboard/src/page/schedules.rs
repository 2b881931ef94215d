//! Schedules: when they fire; run one now, enable or disable it.

use super::layout::live;
use super::parts::{button, pill};
use super::words::{maybe_when, short, when};
use super::{Acted, Shown};
use crate::actions::act_on_schedule;
use crate::schedule::ScheduleNow;
use crate::state::Dashboard;
use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use std::sync::Arc;
use web::Who;

pub async fn show(State(dashboard): State<Arc<Dashboard>>) -> Shown {
    let fleet = dashboard.fleet().await?;
    let mine = |code: &str| code == "no_scheduler" || code == "schedule_missed";
    let body = html! {
        h1 { "Schedules" }
        @for warning in fleet.warnings.iter().filter(|warning| mine(warning.code)) { p.notice.bad role="status" { (warning.message) } }
        div.scroll tabindex="0" role="region" aria-label="Schedules" {
            table {
                thead { tr { th { "Schedule" } th { "State" } th { "Pattern" } th { "Next" } th { "Last" } th { "Its task" } th { span.hidden { "Actions" } } } }
                tbody { @for schedule in &fleet.schedules { (row(schedule)) } }
            }
        }
    };
    Ok(live("Schedules", "/schedules", body))
}

fn row(schedule: &ScheduleNow) -> Markup {
    let to = |action: &str| format!("/schedules/{}/{action}", schedule.name);
    html! {
        tr data-key=(schedule.name) {
            th scope="row" { (schedule.name) " " span.quiet { (schedule.kind) " in " (schedule.queue) } }
            td {
                @if let Some(missed) = schedule.missed { span.pill.dead { "⚠ missed " (when(missed)) } }
                @else if !schedule.enabled { span.pill.cancelled { "⊘ off" } }
                @else if !schedule.seen { span.pill.scheduled { "◷ no scheduler has seen it" } }
                @else { span.pill.done { "✓ on" } }
            }
            td { code { (schedule.cron) } " " span.quiet { (schedule.time_zone) } }
            td.time { @if schedule.enabled { (maybe_when(schedule.next_fire)) } @else { span.quiet { "–" } } }
            td.time { @match schedule.last_fire { Some(at) => (when(at)), None => span.quiet { "never yet" } } }
            td { @if let Some(task) = schedule.last_task { a.id href={ "/tasks/" (task) } { (short(task)) } @if let Some(state) = &schedule.last_task_state { " " (pill(state)) } } @else { span.quiet { "–" } } }
            td.actions {
                (button(&to("run"), "Run now", ""))
                @if schedule.enabled { (button(&to("disable"), "Switch off", "")) } @else { (button(&to("enable"), "Switch on", "primary")) }
            }
        }
    }
}

pub async fn act(
    State(dashboard): State<Arc<Dashboard>>,
    who: Who,
    Path((name, action)): Path<(String, String)>,
) -> Acted {
    act_on_schedule(&dashboard, &who, &name, &action).await?;
    Ok(Redirect::to("/schedules"))
}
