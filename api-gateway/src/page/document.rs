//! The page of one document: its data, its stages, what was read of it, and the actions on it.

use super::Page;
use super::assets::VIEWER;
use super::words::{certainty, count, label, moment, sentence, size};
use super::{Shown, fields, stages, viewer};
use crate::api::{DocumentId, Params};
use crate::state::Gateway;
use crate::wire::Document;
use axum::extract::State;
use maud::{Markup, html};
use queue_schema::document::{DocumentError, DocumentStatus, Stage};
use serde::Deserialize;
use std::sync::Arc;
use store::{StageState, usual_stage};
use viewer::Sheet;
use web::Who;
use web::parts::pill;
use web::problem::{Problem, Result};

/// The query: which page of the document to show.
#[derive(Debug, Default, Deserialize)]
pub struct Place {
    page: Option<String>,
}

impl Place {
    /// The page number to show, from 1.
    fn number(&self, document: &Document) -> Result<u32> {
        let pages = document.page_count.and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
        let Some(text) = self.page.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(1);
        };
        match text.parse() {
            Ok(n) if (1..=pages.max(1)).contains(&n) => Ok(n),
            _ => Err(Problem::not_found(
                "page_not_found",
                format!(
                    "{:?} has {}, and no page {text:?}",
                    document.file_name,
                    count(pages.into(), "page")
                ),
            )),
        }
    }
}

pub async fn show(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    Params(place): Params<Place>,
) -> Shown {
    let document: Document = gateway.view(&who.sees(), id).await?.into();
    let number = place.number(&document)?;
    let sheet = Sheet::read(&gateway, &document, number).await?;
    let unreadable = gateway.store.unreadable_pages(id).await?;
    let body = html! {
        (head(&document))
        @if let Some(error) = &document.error { (failure(&document, &error.message, error.stage, error.page)) }
        (missing(&document, &unreadable))
        (stages::show(&document))
        @if document.page_count.is_some_and(|n| n > 0) {
            div.opened {
                (viewer::show(&sheet))
                div.beside {
                    (fields::show(&sheet))
                    (viewer::text(&sheet))
                }
            }
        }
    };
    let page = Page::new(document.file_name.clone(), body).with(&[VIEWER]);
    Ok(if document.status.is_terminal() {
        page
    } else {
        page.following(document.links.events.clone(), "document")
    })
}

fn head(document: &Document) -> Markup {
    html! {
        section.card.about aria-labelledby="name" {
            div.head {
                div {
                    h1 #name { (document.file_name) " " (pill(document.status.as_str())) }
                    p {
                        @if let Some(category) = &document.category {
                            strong { (label(&category.name)) }
                            span.quiet { " · " (certainty(category.confidence, category.source)) }
                        } @else { span.quiet { "No category" @if !document.status.is_terminal() { " yet" } } }
                    }
                    p.quiet {
                        (size(document.size_bytes))
                        @if let Some(pages) = document.page_count { " · " (count(pages.into(), "page")) }
                        " · uploaded " (moment(document.created_at))
                        @if document.project != "default" { " · project " (document.project) }
                        @if let Some(older) = document.duplicate_of {
                            " · the same file as " a href={ "/documents/" (older) } { "an older document" }
                        }
                    }
                }
                (actions(document))
            }
            (downloads(document))
        }
    }
}

fn downloads(document: &Document) -> Markup {
    let links = &document.links;
    html! {
        nav.downloads aria-label="Downloads" {
            @if document.status == DocumentStatus::Done {
                a.button.primary href=(links.searchable_pdf) { "Searchable PDF" }
                a.button href=(links.text) { "Text" }
                a.button href=(links.result) { "Result (JSON)" }
            }
            a.button href=(links.original) { "Original" }
        }
    }
}

fn actions(document: &Document) -> Markup {
    let to = |action: &str| format!("/documents/{}/{action}", document.id);
    html! {
        div.actions {
            @if document.status.is_terminal() {
                form.inline.retry method="post" action=(to("retry")) {
                    select name="from_stage" aria-label="Stage to retry from" {
                        @for stage in retried_from(document) {
                            option value=(stage) selected[stage == usual_retry(document)] { "from " (stage) }
                        }
                    }
                    button type="submit" { "Retry" }
                }
                a.button.danger href=(to("delete")) { "Delete…" }
            } @else {
                form.inline method="post" action=(to("cancel")) { button.danger type="submit" { "Cancel" } }
            }
        }
    }
}

fn all_read(document: &Document) -> bool {
    document.page_count.is_some_and(|n| i64::from(n) == document.pages_read)
}

/// Stages from which the document can be retried: those whose inputs exist.
fn retried_from(document: &Document) -> impl Iterator<Item = Stage> {
    let all_read = all_read(document);
    let stages = Stage::ALL.iter().copied();
    stages.filter(move |stage| *stage == Stage::Ocr || all_read)
}

fn usual_retry(document: &Document) -> Stage {
    let mut stages = document.stages.iter();
    let failed = stages.find(|stage| stage.state == StageState::Failed);
    usual_stage(document.status, failed.map(|stage| stage.stage), all_read(document))
}

fn failure(document: &Document, message: &str, stage: Option<Stage>, page: Option<u32>) -> Markup {
    let tone = if document.status == DocumentStatus::Failed {
        "bad"
    } else {
        "busy"
    };
    html! {
        div class={ "notice " (tone) } role="alert" {
            strong { (sentence(message)) }
            @if let Some(stage) = stage { " It ended in stage " (stage) @if let Some(page) = page { ", at page " (page) } "." }
        }
    }
}

/// Most page numbers to list one by one.
const NAMED: usize = 20;

/// Lists the unreadable pages of a document that continued without them.
fn missing(document: &Document, unreadable: &[(u32, DocumentError)]) -> Markup {
    html! {
        @if !unreadable.is_empty() && document.status != DocumentStatus::Failed {
            p.notice.busy {
                (count(i64::try_from(unreadable.len()).unwrap_or(i64::MAX), "page")) " could not be read: "
                @for (n, (page, _)) in unreadable.iter().take(NAMED).enumerate() {
                    @if n > 0 { ", " }
                    a href={ "?page=" (page) "#viewer" } { "page " (page) }
                }
                @if unreadable.len() > NAMED { ", …" } @else { "." }
            }
        }
    }
}
