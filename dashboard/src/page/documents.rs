//! Why is a document not done? Finds documents by name or id, and answers from the tasks that each waits for.

use super::layout::live;
use super::parts::{Columns, pill, tasks};
use super::task::reasons;
use super::words::{clock, seconds, when};
use super::{Acted, Shown};
use crate::api::Id;
use crate::state::Dashboard;
use axum::extract::State;
use axum::response::Redirect;
use broker::inspect::TaskSearch;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;
use store::{Blocker, DocumentView, Filter, Reach, StageState, StageView};
use uuid::Uuid;
use web::Params;

const SHOWN: i64 = 50;
const TASKS_SHOWN: i64 = 100;

#[derive(Deserialize)]
pub struct Wanted {
    q: Option<String>,
}

/// The search box of every page. An id leads to its document or task; any other text leads to the documents whose name or text
/// contains it.
pub async fn find(State(dashboard): State<Arc<Dashboard>>, Params(wanted): Params<Wanted>) -> Acted {
    let text = wanted.q.unwrap_or_default();
    let text = text.trim();
    let Ok(id) = text.parse::<Uuid>() else {
        return Ok(Redirect::to(&super::parts::address("/documents", &[("q", Some(text))])));
    };
    let to = match dashboard.store.broker().task(id).await? {
        Some(_) => format!("/tasks/{id}"),
        None => format!("/documents/{id}"),
    };
    Ok(Redirect::to(&to))
}

pub async fn list(State(dashboard): State<Arc<Dashboard>>, Params(wanted): Params<Wanted>) -> Shown {
    let search = wanted
        .q
        .map(|q| q.trim().to_owned())
        .filter(|q| !q.is_empty() && !q.contains('\0'));
    let filter = Filter {
        search: search.clone(),
        limit: SHOWN,
        ..Filter::default()
    };
    let found = dashboard.store.documents(&filter).await?;
    let views = dashboard.store.views(found, &Reach::default()).await?;
    let body = html! {
        h1 { "Documents" }
        p.quiet { "The latest " (SHOWN) @if search.is_some() { " that match" } ", with what each waits for." }
        form.filters method="get" action="/documents" role="search" {
            input type="search" name="q" value=(search.as_deref().unwrap_or_default()) placeholder="Words of the text, or a part of the name" aria-label="Words of the text, or a part of the name";
            button type="submit" { "Search" }
        }
        @if views.is_empty() {
            p.empty { @if search.is_some() { "No document matches." } @else { "No documents yet. They come in through the gateway." } }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Documents" {
                table {
                    thead { tr { th { "Document" } th { "Status" } th { "Uploaded" } th { "Where it stands" } } }
                    tbody { @for view in &views { (row(view)) } }
                }
            }
        }
    };
    Ok(live("Documents", "/documents", body))
}

fn row(view: &DocumentView) -> Markup {
    html! {
        tr data-key=(view.id) {
            th scope="row" { a href={ "/documents/" (view.id) } { (view.file_name) } }
            td { (pill(view.status.as_str())) }
            td.time { (when(view.created_at)) }
            td.message { (stands(view)) }
        }
    }
}

/// The document's current stage, and why it has not advanced.
fn stands(view: &DocumentView) -> String {
    if let Some(error) = &view.error {
        return error.message.clone();
    }
    let current = view
        .stages
        .iter()
        .find(|stage| matches!(stage.state, StageState::Running | StageState::Waiting));
    let Some(stage) = current.filter(|_| !view.status.is_terminal()) else {
        return String::new();
    };
    match (&stage.why, stage.state) {
        (Some(why), _) => format!("{}: {why}", stage.stage),
        (None, StageState::Running) => format!(
            "{}: {} of {} tasks done",
            stage.stage, stage.tasks.done, stage.tasks.total
        ),
        (None, _) => stage.stage.to_string(),
    }
}

pub async fn show(State(dashboard): State<Arc<Dashboard>>, Id(id): Id) -> Shown {
    let view = dashboard.store.view(id, &Reach::default()).await?;
    let (blockers, under_way) = if view.status.is_terminal() {
        (Vec::new(), 0)
    } else {
        dashboard.store.blockers(id).await?
    };
    let search = TaskSearch {
        document: Some(id),
        limit: TASKS_SHOWN,
        ..TaskSearch::default()
    };
    let all = dashboard.store.broker().search_tasks(&search).await?;
    let body = html! {
        div.head {
            div {
                h1 { (view.file_name) " " (pill(view.status.as_str())) }
                p.quiet { span.id { (view.id) } " · uploaded " (clock(view.created_at)) @if let Some(pages) = view.page_count { " · " (view.pages_read) " of " (pages) " pages read" } }
            }
        }
        (why(&view, &blockers, under_way))
        section.card { h2 #stages { "Stages" } (stages(&view.stages)) }
        section {
            h2 #tasks { "Tasks" }
            (tasks(&all.tasks, Columns::All, "It has no tasks any more."))
            @if all.next.is_some() { p { a href={ "/tasks?document=" (id) } { "All tasks of this document" } } }
        }
    };
    Ok(live(view.file_name.clone(), "/documents", body))
}

fn why(view: &DocumentView, blockers: &[Blocker], live: usize) -> Markup {
    html! {
        section.card.why {
            h2 #why { @if view.status.is_terminal() { "How it ended" } @else { "Why it is not done" } }
            @match (&view.error, view.status.is_terminal()) {
                (Some(error), _) => {
                    p { (error.message) }
                    p.quiet { "Code " code { (error.code) } @if let Some(stage) = error.stage { ", in stage " (stage) } @if let Some(page) = error.page { ", page " (page) } }
                },
                (None, true) => p { "It is " (view.status) @if let Some(at) = view.finished_at { ", " (when(at)) } "." },
                (None, false) => {
                    @if live == 0 { p { "No task of it is live; it is between two stages. Should that last, look at its tasks below." } }
                    @if let (Some(pages), true) = (view.page_count, live > 0) {
                        @if view.pages_read < i64::from(pages) { p { "It waits for " (i64::from(pages) - view.pages_read) " of " (pages) " pages." } }
                    }
                    @for blocker in blockers {
                        div.blocker {
                            p { (pill(blocker.task.state.as_str())) " " a href={ "/tasks/" (blocker.task.id) } { (what(blocker)) } " in " a href={ "/queues/" (blocker.task.queue) } { (blocker.task.queue) } }
                            (reasons(&blocker.why))
                        }
                    }
                    @if live > blockers.len() { p.quiet { "And " (live - blockers.len()) " more, below." } }
                },
            }
        }
    }
}

/// The task's kind, and the pages of the document it covers.
fn what(blocker: &Blocker) -> String {
    match blocker.pages {
        Some((first, last)) if first == last => format!("{} (page {first})", blocker.task.kind),
        Some((first, last)) => format!("{} (pages {first}–{last})", blocker.task.kind),
        None => blocker.task.kind.clone(),
    }
}

fn stages(stages: &[StageView]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Stages" {
            table {
                thead { tr { th { "Stage" } th { "State" } th.n { "Tasks done" } th.n { "Work" } th { "Began" } th { "Why" } } }
                tbody {
                    @for stage in stages {
                        tr {
                            th scope="row" { (stage.stage) }
                            td { (pill(stage.state.as_str())) }
                            td.n { (stage.tasks.done) span.quiet { "/" (stage.tasks.total) } }
                            td.n { (seconds(stage.work_ms as f64 / 1000.0)) }
                            td.time { (super::words::maybe_when(stage.started_at)) }
                            td.message { (stage.why.as_deref().unwrap_or_default()) }
                        }
                    }
                }
            }
        }
    }
}
