//! Dead letters: search them, and retry or discard one, the selected ones, or all that match. A confirmation page first shows
//! how many that will be.

use super::form::Fields;
use super::layout::live;
use super::parts::{address, pager, task_link};
use super::tasks::select;
use super::words::{count, number, outcome, when};
use super::{Page, Shown};
use crate::actions::remedy_dead_letters;
use crate::api::{DeadListing, given};
use crate::state::Dashboard;
use axum::extract::State;
use broker::inspect::{DeadFilter, TaskRow};
use chrono::{SecondsFormat, Utc};
use maud::{Markup, html};
use queue_schema::{Outcome, Queue};
use std::sync::Arc;
use store::Remedy;
use web::{Params, Problem, Who};

const SHOWN: i64 = 50;

pub async fn show(State(dashboard): State<Arc<Dashboard>>, Params(listing): Params<DeadListing>) -> Shown {
    let (filter, after) = (listing.filter()?, listing.after()?);
    let page = dashboard.store.broker().dead(&filter, after.as_ref(), SHOWN).await?;
    let to = |cursor: Option<&str>| {
        address(
            "/dead",
            &[
                ("queue", given(&listing.queue)),
                ("kind", given(&listing.kind)),
                ("outcome", given(&listing.outcome)),
                ("document", given(&listing.document)),
                ("search", given(&listing.search)),
                ("cursor", cursor),
            ],
        )
    };
    let first = to(None);
    let next = page.next.map(|next| to(Some(&next.to_string())));
    let filtered = first != "/dead";
    let body = html! {
        h1 { "Dead letters" }
        p.quiet { "Tasks that spent their attempts, or were not worth another. They wait here until somebody retries or discards them." }
        (filters(&listing))
        @if page.tasks.is_empty() {
            p.empty {
                @if filtered { "No dead letter matches. " a href="/dead" { "Show all" } }
                @else { "No dead letters: nothing has failed for good." }
            }
        } @else {
            (letters(&listing, &page.tasks, page.count))
            (pager(given(&listing.cursor).map(|_| first.as_str()), next))
        }
    };
    Ok(live("Dead letters", "/dead", body))
}

fn filters(listing: &DeadListing) -> Markup {
    // Outcomes of a run that did not succeed.
    let bad = Outcome::ALL
        .iter()
        .filter(|o| !matches!(o, Outcome::Done | Outcome::HandedBack | Outcome::Cancelled));
    html! {
        form.filters method="get" action="/dead" role="search" {
            input type="search" name="search" value=(given(&listing.search).unwrap_or_default()) placeholder="Words of the error" aria-label="Words of the error";
            (select("queue", "Any queue", Queue::ALL.iter().map(|q| q.as_str()), given(&listing.queue)))
            (select("outcome", "Any outcome", bad.map(|o| o.as_str()), given(&listing.outcome)))
            input type="text" name="kind" value=(given(&listing.kind).unwrap_or_default()) placeholder="Kind" aria-label="Kind";
            button type="submit" { "Show" }
        }
    }
}

fn letters(listing: &DeadListing, tasks: &[TaskRow], matched: i64) -> Markup {
    html! {
        form method="post" action="/dead/confirm" {
            (carried(listing))
            // Actions from this page leave out tasks that die after it was rendered.
            input type="hidden" name="until" value=(Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true));
            div.bar {
                strong { (count(matched, "dead letter")) }
                span.spacer {}
                button type="submit" name="what" value="retry-selected" { "Retry selected" }
                button type="submit" name="what" value="discard-selected" { "Discard selected" }
                button.primary type="submit" name="what" value="retry-all" { "Retry all " (number(matched)) "…" }
                button type="submit" name="what" value="discard-all" { "Discard all " (number(matched)) "…" }
            }
            div.scroll tabindex="0" role="region" aria-label="Dead letters" {
                table {
                    thead { tr {
                        th { span.hidden { "Select" } }
                        th { "Task" } th { "Queue" } th { "Kind" } th { "Died" } th.n { "Attempts" } th { "Last run" } th { span.hidden { "Actions" } }
                    } }
                    tbody { @for task in tasks { (letter(task)) } }
                }
            }
        }
    }
}

fn letter(task: &TaskRow) -> Markup {
    let (word, sentence) = outcome(task.outcome.as_deref().unwrap_or_default());
    html! {
        tr data-key=(task.id) {
            td { input type="checkbox" name="id" value=(task.id) aria-label={ "Select task " (task.id) }; }
            td { (task_link(task)) }
            td { a href={ "/queues/" (task.queue) "?state=dead" } { (task.queue) } }
            td { (task.kind) }
            td.time { @if let Some(at) = task.finished_at { (when(at)) } }
            td.n { (task.attempts) span.quiet { "/" (task.max_attempts) } }
            td.message {
                span.outcome.bad title=(sentence) { (word) }
                @if let Some(message) = task.message() { ": " (message) }
            }
            td.actions {
                button.link type="submit" formaction={ "/tasks/" (task.id) "/retry" } { "Retry" }
                button.link type="submit" formaction={ "/tasks/" (task.id) "/discard" } { "Discard" }
            }
        }
    }
}

/// The filter as hidden fields, for the next page.
fn carried(listing: &DeadListing) -> Markup {
    let fields = [
        ("queue", &listing.queue),
        ("kind", &listing.kind),
        ("outcome", &listing.outcome),
        ("document", &listing.document),
        ("search", &listing.search),
    ];
    html! {
        @for (name, value) in fields {
            @if let Some(value) = given(value) { input type="hidden" name=(name) value=(value); }
        }
    }
}

/// Parses the form: the remedy, and the filter for the dead letters it applies to.
fn order(fields: &Fields) -> Result<(Remedy, DeadFilter), Problem> {
    let what = fields.get("what").unwrap_or_default();
    let (remedy, scope) = what.split_once('-').unwrap_or_default();
    let remedy = match remedy {
        "retry" => Remedy::Retry,
        "discard" => Remedy::Discard,
        _ => return Err(Problem::field("what", "retry or discard, -selected or -all")),
    };
    let filter = fields.listing().filter()?;
    let ids = match scope {
        "all" => None,
        _ => Some(fields.ids()?),
    };
    Ok((remedy, DeadFilter { ids, ..filter }))
}

/// Shows how many dead letters match, and asks for confirmation.
pub async fn confirm(State(dashboard): State<Arc<Dashboard>>, fields: Fields) -> Shown {
    let (remedy, filter) = order(&fields)?;
    let matched = dashboard.store.broker().dead_count(&filter).await?;
    let (verb, consequence) = match remedy {
        Remedy::Retry => (
            "Retry",
            "Each is enqueued again with its attempts unspent. One that is part of a document begins the document again, from the stage that failed.",
        ),
        Remedy::Discard => (
            "Discard",
            "They leave this list and stay dead. Their documents stay failed.",
        ),
    };
    let body = html! {
        h1 { (verb) " " (count(matched, "dead letter")) "?" }
        @if matched == 0 {
            p.empty { "Nothing is selected, or somebody has dealt with it meanwhile. " a href="/dead" { "Back to the dead letters" } }
        } @else {
            p { (consequence) }
            form.bar method="post" action="/dead/apply" {
                (carried(&fields.listing()))
                @if let Some(until) = fields.get("until") { input type="hidden" name="until" value=(until); }
                @for id in filter.ids.iter().flatten() { input type="hidden" name="id" value=(id); }
                button.primary type="submit" name="what" value=(fields.get("what").unwrap_or_default()) { (verb) " " (number(matched)) }
                a.button href="/dead" { "Keep them" }
            }
        }
    };
    Ok(Page::new(format!("{verb} dead letters"), body))
}

pub async fn apply(State(dashboard): State<Arc<Dashboard>>, who: Who, fields: Fields) -> Shown {
    let (remedy, filter) = order(&fields)?;
    let bulk = remedy_dead_letters(&dashboard, &who, &filter, remedy).await?;
    let done = i64::try_from(bulk.done).unwrap_or(i64::MAX);
    let verb = match remedy {
        Remedy::Retry => "retried",
        Remedy::Discard => "discarded",
    };
    let body = html! {
        h1 { (count(done, "dead letter")) " " (verb) }
        @if bulk.refused > 0 {
            p.notice.busy role="status" { (bulk.refused) " could not be helped and stay on the list:" }
            ul.plain { @for reason in &bulk.reasons { li { (reason) } } }
        }
        p.bar { a.button.primary href="/dead" { "To the dead letters" } a.button href="/" { "To the overview" } }
    };
    Ok(Page::new("Dead letters dealt with", body))
}
