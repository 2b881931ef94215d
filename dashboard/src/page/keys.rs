//! API keys: list, make and revoke them.

use super::form::Fields;
use super::words::{clock, maybe_when, when};
use super::{Acted, Page, Shown};
use crate::actions::{make_key, revoke_key};
use crate::api::keys::KeyOrder;
use crate::state::Dashboard;
use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::{TimeDelta, Utc};
use maud::{Markup, html};
use queue_schema::UnknownName;
use std::sync::Arc;
use store::{Key, Scope};
use web::{Problem, Who};

/// Lifetimes of a key, in days. 0: it never expires.
const LASTS: [(i64, &str); 4] = [
    (30, "30 days"),
    (90, "90 days"),
    (365, "a year"),
    (0, "until it is revoked"),
];

pub async fn show(State(dashboard): State<Arc<Dashboard>>, who: Who) -> Shown {
    let keys = dashboard.store.keys().await?;
    let body = html! {
        h1 { "Keys" }
        @if keys.is_empty() {
            p.notice.busy role="status" {
                "No key is needed yet: whoever reaches this machine's own address may do everything. From the first key on, "
                "every program and every browser needs one, this browser too."
            }
        } @else { (table(&keys)) }
        section.card {
            h2 #make { "Make a key" }
            (form(&who))
        }
    };
    Ok(Page::new("Keys", body).at("/keys"))
}

fn table(keys: &[Key]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Keys" {
            table {
                thead { tr { th { "Name" } th { "For" } th { "State" } th { "Made" } th { "Last used" } th { span.hidden { "Actions" } } } }
                tbody { @for key in keys { (row(key)) } }
            }
        }
    }
}

fn row(key: &Key) -> Markup {
    let is_over = key.expires_at.is_some_and(|at| at <= Utc::now());
    html! {
        tr data-key=(key.id) {
            th scope="row" { (key.name) }
            td {
                @for (i, scope) in key.scopes.iter().enumerate() { @if i > 0 { ", " } (scope) }
                @if let Some(projects) = &key.projects { span.quiet { " in " (projects.join(", ")) } }
            }
            td.time {
                @if let Some(at) = key.revoked_at { span.pill.cancelled { "⊘ revoked" } " " (when(at)) }
                @else if is_over { span.pill.dead { "✕ expired" } " " (maybe_when(key.expires_at)) }
                @else {
                    span.pill.done { "✓ in force" }
                    @if let Some(at) = key.expires_at { span.quiet { " until " (clock(at)) } }
                }
            }
            td.time { (when(key.created_at)) span.quiet { " by " (key.created_by) } }
            td.time { @match key.last_used_at { Some(at) => (when(at)), None => span.quiet { "never" } } }
            td.actions {
                @if key.revoked_at.is_none() {
                    form method="post" action={ "/keys/" (key.id) "/revoke" } {
                        button.danger type="submit" aria-label={ "Revoke " (key.name) } { "Revoke" }
                    }
                }
            }
        }
    }
}

fn form(who: &Who) -> Markup {
    let explain = |scope: Scope| match scope {
        Scope::Upload => "hand in documents; follow these, process them again, cancel them",
        Scope::Read => "see documents, results, queues and tasks",
        Scope::Operate => "both, and act on queues, tasks and workers, see payloads, delete documents",
        Scope::Admin => "everything, keys included",
    };
    html! {
        form.key method="post" action="/keys" {
            label { "Name " input type="text" name="name" required maxlength="64" autocomplete="off" placeholder="scanner in the hall"; }
            fieldset {
                legend { "For" }
                @for &scope in Scope::ALL {
                    label.check {
                        // The first key must be an admin key, so that it can make the others.
                        input type="checkbox" name="scope" value=(scope) checked[!who.is_known() && scope == Scope::Admin];
                        " " strong { (scope) } span.quiet { " – " (explain(scope)) }
                    }
                }
            }
            label { "Projects " input type="text" name="projects" autocomplete="off" placeholder="all; or names joined by commas"; }
            label { "Lasts " select name="days" { @for (days, words) in LASTS { option value=(days) { (words) } } } }
            button.primary type="submit" { "Make the key" }
        }
    }
}

pub async fn add(State(dashboard): State<Arc<Dashboard>>, who: Who, fields: Fields) -> Shown {
    let scopes: Result<Vec<Scope>, UnknownName> = fields.all("scope").map(str::parse).collect();
    let days: Option<i64> = fields.get("days").and_then(|days| days.parse().ok());
    let offered = days.filter(|days| LASTS.iter().any(|(lasts, _)| lasts == days));
    let days = offered.ok_or_else(|| Problem::field("days", "one of the offered lengths"))?;
    let projects: Vec<_> = fields
        .get("projects")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let order = KeyOrder {
        name: fields.get("name").unwrap_or_default().to_owned(),
        scopes: scopes.map_err(|error| Problem::field("scope", &format!("some of {}", error.known)))?,
        projects: (!projects.is_empty()).then_some(projects),
        expires_at: (days > 0)
            .then(|| Utc::now().checked_add_signed(TimeDelta::days(days)))
            .flatten(),
    };
    let made = make_key(&dashboard, &who, order).await?;
    let body = html! {
        h1 { "The key " (made.key.name) }
        p { "This is its secret. It is shown now and never again: keep it where you keep passwords." }
        p { code.secret tabindex="0" { (made.secret) } }
        p.quiet { "Programs send it as " code { "Authorization: Bearer " span { "df_…" } } "; people sign in with it." }
        p.bar { a.button.primary href="/keys" { "I have kept it" } }
    };
    Ok(Page::new("A key", body).at("/keys"))
}

pub async fn revoke(State(dashboard): State<Arc<Dashboard>>, who: Who, Path(id): Path<String>) -> Acted {
    revoke_key(&dashboard, &who, &id).await?;
    Ok(Redirect::to("/keys"))
}
