//! The start page: a drop zone for files, and below it the list of documents.

use super::Page;
use super::assets::{LIST, UPLOADS};
use super::list;
use super::words::size;
use crate::api::events::follow;
use crate::api::watch::Subject;
use crate::api::{Listing, Params};
use crate::state::Gateway;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use queue_schema::content_type::ContentType;
use queue_schema::document::DocumentStatus;
use std::sync::Arc;
use store::Choices;
use web::Who;
use web::problem::{Problem, Result};

/// An error replaces only the list, not the page: an open page keeps polling, so it recovers from a transient error.
pub async fn show(State(gateway): State<Arc<Gateway>>, who: Who, params: Result<Params<Listing>, Problem>) -> Page {
    let (listing, list) = match params {
        Ok(Params(listing)) => {
            let list = list::show(&gateway, &who.sees(), &listing).await;
            (listing, list)
        }
        Err(problem) => (Listing::default(), list::trouble(&problem)),
    };
    let choices = gateway.store.choices(&who.sees()).await.unwrap_or_default();
    let body = html! {
        h1.hidden { "Documents" }
        (upload(&gateway, &listing))
        (filters(&listing, &choices))
        p #said .notice.bad hidden role="alert" {}
        section #list aria-label="Documents" data-live=(list::address("/events", &listing, listing.cursor.as_deref())) data-event="list" { (list) }
    };
    Page::new("Documents", body).with(&[UPLOADS, LIST])
}

/// Server-sent events that tell a page when its list has changed. Pages that show the same list share one poll.
pub async fn events(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    Params(listing): Params<Listing>,
    headers: HeaderMap,
) -> Result<Response> {
    let subject = Subject::List(Box::new(listing), who.sees());
    follow(gateway, &who, subject, &headers).await
}

fn upload(gateway: &Gateway, listing: &Listing) -> Markup {
    if gateway.config.maintenance {
        return html! { p.notice.busy role="status" { "Maintenance: no documents are accepted for now. What is here already goes on." } };
    }
    let types = ContentType::ALL
        .iter()
        .map(|known| known.as_str())
        .collect::<Vec<_>>()
        .join(",");
    let most = size(i64::try_from(gateway.config.max_upload_bytes).unwrap_or(i64::MAX));
    let project = listing.selection.project.as_deref().filter(|name| !name.is_empty());
    html! {
        form #upload .drop action="/api/v1/documents" method="post" enctype="multipart/form-data"
            data-max=(gateway.config.max_upload_bytes) {
            @if let Some(project) = project { input type="hidden" name="project" value=(project); }
            p.drop-text {
                strong { "Drop documents here" @if let Some(project) = project { ", into project " (project) } }
                span.quiet { " PDF, PNG, JPEG, WebP or TIFF, up to " (most) " each" }
            }
            div.drop-controls {
                input #files .hidden type="file" name="file" accept=(types) multiple;
                label.button.primary for="files" { "Choose files" }
                label.tick { input #urgent type="checkbox"; "Urgent" }
                noscript { button type="submit" { "Upload" } }
            }
        }
        div #broken .notice.busy hidden role="alert" {
            p {}
            button type="button" { "Dismiss" }
        }
        ul #uploads aria-live="polite" aria-label="Uploads" {}
    }
}

fn filters(listing: &Listing, choices: &Choices) -> Markup {
    let selection = &listing.selection;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let statuses: Vec<_> = DocumentStatus::ALL.iter().map(|s| s.as_str().to_owned()).collect();
    // A choice of one project is no choice, so the filter is hidden.
    let projects = choices.projects.len() > 1 || !text(&selection.project).is_empty();
    html! {
        form.filters method="get" action="/" role="search" {
            input type="search" name="q" value=(text(&selection.q)) placeholder="Search text and names" aria-label="Search text and names";
            (choice("status", "Status", "Any status", &statuses, &text(&selection.status)))
            (choice("category", "Category", "Any category", &choices.categories, &text(&selection.category)))
            @if projects { (choice("project", "Project", "Any project", &choices.projects, &text(&selection.project))) }
            button type="submit" { "Search" }
            @if !selection.is_empty() { a.button href="/" { "Show all" } }
        }
    }
}

fn choice(name: &str, label: &str, any: &str, known: &[String], chosen: &str) -> Markup {
    // A value from the address stays selected even if it is not among the known ones.
    let other = (!chosen.is_empty() && !known.iter().any(|value| value == chosen)).then_some(chosen);
    html! {
        select name=(name) aria-label=(label) {
            option value="" { (any) }
            @for value in known.iter().map(String::as_str).chain(other) {
                option value=(value) selected[value == chosen] { (value) }
            }
        }
    }
}
