//! The audit log: who did what.

use super::Shown;
use super::layout::live;
use super::parts::{address, pager};
use super::words::when;
use crate::api::audit::list_actions;
use crate::api::{AuditListing, given};
use crate::state::Dashboard;
use axum::extract::State;
use broker::inspect::AuditRow;
use maud::{Markup, html};
use serde_json::Value;
use std::sync::Arc;
use web::Params;

pub async fn show(State(dashboard): State<Arc<Dashboard>>, Params(listing): Params<AuditListing>) -> Shown {
    let list = list_actions(&dashboard, &listing).await?;
    let to = |cursor: Option<&str>| address("/audit", &[("target", given(&listing.target)), ("cursor", cursor)]);
    let (first, next) = (to(None), list.next_cursor.as_deref().map(|cursor| to(Some(cursor))));
    let body = html! {
        h1 { "Audit" }
        p.quiet { "Every action of an operator, written in the transaction that did it." }
        @if let Some(target) = given(&listing.target) { p { "On " strong { (target) } ". " a href="/audit" { "Show all" } } }
        @if list.actions.is_empty() { p.empty { "Nobody has done anything yet." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label="Actions" {
                table {
                    thead { tr { th { "When" } th { "Who" } th { "Did" } th { "To" } th { "Detail" } } }
                    tbody { @for action in &list.actions { (row(action)) } }
                }
            }
            (pager(given(&listing.cursor).map(|_| first.as_str()), next))
        }
    };
    Ok(live("Audit", "/audit", body))
}

fn row(action: &AuditRow) -> Markup {
    html! {
        tr data-key=(action.id) {
            td.time { (when(action.at)) }
            td { (action.who) }
            td { code { (action.action) } }
            td { @match link(action) { Some(to) => a.id href=(to) { (action.target) }, None => (action.target) } }
            td.message { @if action.detail != Value::Null { code { (action.detail) } } }
        }
    }
}

/// The page of the action's target.
fn link(action: &AuditRow) -> Option<String> {
    let (thing, _) = action.action.split_once('.')?;
    let target = &action.target;
    match thing {
        "queue" => Some(format!("/queues/{target}")),
        "document" => Some(format!("/documents/{target}")),
        "schedule" => Some("/schedules".into()),
        "task" if target.parse::<uuid::Uuid>().is_ok() => Some(format!("/tasks/{target}")),
        _ => None,
    }
}
