//! The list of documents.

use super::words::{certainty, count, moment, sentence, size};
use crate::api::Listing;
use crate::api::documents::list_documents;
use crate::state::Gateway;
use crate::wire::{Document, DocumentList, StageOfDocument};
use maud::{Markup, html};
use queue_schema::document::{DocumentStatus, Stage};
use std::collections::HashMap;
use store::{Found, Reach, StageState};
use uuid::Uuid;
use web::parts;
use web::problem::{Problem, Result};

/// Per document, where its text contains the searched words.
type Places = HashMap<Uuid, Found>;

/// The list, or the problem that prevented it.
pub async fn show(gateway: &Gateway, reach: &Reach, listing: &Listing) -> Markup {
    match read(gateway, reach, listing).await {
        Ok((list, places)) => show_list(listing, &list, &places),
        Err(problem) => trouble(&problem),
    }
}

async fn read(gateway: &Gateway, reach: &Reach, listing: &Listing) -> Result<(DocumentList, Places)> {
    let list = list_documents(gateway, reach, listing).await?;
    let places = match listing.filter(reach.clone())?.search {
        Some(words) => {
            let ids: Vec<Uuid> = list.documents.iter().map(|d| d.id).collect();
            gateway.store.found_in(&ids, &words).await?
        }
        None => Vec::new(),
    };
    Ok((list, places.into_iter().map(|found| (found.document, found)).collect()))
}

pub fn trouble(problem: &Problem) -> Markup {
    html! { p.notice.bad role="alert" { (sentence(problem.detail())) } }
}

fn show_list(listing: &Listing, list: &DocumentList, places: &Places) -> Markup {
    html! {
        div.rows {
            @if list.documents.is_empty() { (empty(listing)) }
            @for document in &list.documents { (row(document, places.get(&document.id))) }
        }
        @if list.next_cursor.is_some() || listing.cursor.is_some() {
            nav.pager aria-label="Pages of the list" {
                @if listing.cursor.is_some() { a href=(address("/", listing, None)) { "Newest" } }
                @if let Some(next) = &list.next_cursor { a href=(address("/", listing, Some(next))) { "Older" } }
            }
        }
    }
}

fn empty(listing: &Listing) -> Markup {
    html! {
        p.empty {
            @if !listing.selection.is_empty() { "No document matches. " a href="/" { "Show all" } }
            @else { "No documents yet. Drop one above, and its text, category and fields appear here." }
        }
    }
}

/// The address of the same list at another path, or from another cursor on.
pub fn address(path: &str, listing: &Listing, cursor: Option<&str>) -> String {
    let mut parameters = listing.selection.parameters();
    parameters.extend([
        ("sort", listing.sort.as_deref()),
        ("limit", listing.limit.as_deref()),
        ("cursor", cursor),
    ]);
    parts::address(path, &parameters)
}

fn row(document: &Document, found: Option<&Found>) -> Markup {
    let here = format!("/documents/{}", document.id);
    html! {
        article.row data-key=(document.id) data-status=(document.status) {
            div.name {
                h2 title=(document.file_name) { a href=(here) { (document.file_name) } }
                p.quiet {
                    (moment(document.created_at))
                    " · " (size(document.size_bytes))
                    @if let Some(pages) = document.page_count { " · " (count(pages.into(), "page")) }
                    @if document.project != "default" { " · " (document.project) }
                    @if document.duplicate_of.is_some() { " · duplicate" }
                }
                @if let Some(found) = found { (place(&here, found)) }
            }
            div.state {
                (parts::pill(document.status.as_str()))
                @if let Some(category) = &document.category {
                    span.category title=(certainty(category.confidence, category.source)) { (category.name) }
                }
            }
            div.progress { (stages(document)) }
            div.actions { (actions(document, &here)) }
        }
    }
}

/// An excerpt of the text with the searched words marked.
fn place(here: &str, found: &Found) -> Markup {
    html! {
        p.found {
            a href={ (here) "?page=" (found.page) "#viewer" } { "Page " (found.page) } ": "
            @for piece in &found.pieces {
                @if piece.hit { mark { (piece.text) } } @else { (piece.text) }
            }
        }
    }
}

fn stages(document: &Document) -> Markup {
    html! {
        ol.stages aria-label="Stages" {
            @for stage in &document.stages {
                li class=(stage.state.as_str()) title=(title(stage)) {
                    span { (stage.stage) } span.hidden { " " (stage.state.as_str()) }
                }
            }
        }
        @match (&document.error, current(document)) {
            (Some(error), _) => p.said { (sentence(&error.message)) },
            (None, Some(stage)) => (under_way(document, stage)),
            (None, None) => {},
        }
    }
}

fn title(stage: &StageOfDocument) -> String {
    let state = stage.state.as_str();
    match &stage.why {
        Some(why) => format!("{}: {state}, {why}", stage.stage),
        None => format!("{}: {state}", stage.stage),
    }
}

/// The stage that an unfinished document is in.
fn current(document: &Document) -> Option<&StageOfDocument> {
    let mut stages = document.stages.iter();
    stages.find(|stage| {
        matches!(stage.state, StageState::Running | StageState::Waiting) && !document.status.is_terminal()
    })
}

/// The stage's progress, or what it waits for.
fn under_way(document: &Document, stage: &StageOfDocument) -> Markup {
    let pages = document.page_count.filter(|_| stage.stage == Stage::Ocr);
    html! {
        @if let Some(pages) = pages {
            p.said {
                progress max=(pages) value=(document.pages_read) aria-label={ "Pages read of " (document.file_name) } {}
                " " (document.pages_read) " of " (count(pages.into(), "page"))
            }
        }
        @match (&stage.why, stage.state) {
            (Some(why), _) => p.said { (stage.stage) ": " (why) },
            (None, StageState::Running) if pages.is_none() => p.said { (stage.stage) " under way" },
            _ => {},
        }
    }
}

fn actions(document: &Document, here: &str) -> Markup {
    let links = &document.links;
    html! {
        @if document.status == DocumentStatus::Done {
            a href=(links.searchable_pdf) { "Searchable PDF" }
            a href=(links.text) { "Text" }
            a href=(links.result) { "Result" }
        }
        a href=(links.original) { "Original" }
        @if !document.status.is_terminal() {
            (action(document, &format!("{here}/cancel"), "Cancel"))
        } @else {
            @if document.status != DocumentStatus::Done { (action(document, &format!("{here}/retry"), "Retry")) }
            a href={ (here) "/delete" } aria-label={ "Delete " (document.file_name) } { "Delete…" }
        }
    }
}

fn action(document: &Document, to: &str, word: &str) -> Markup {
    html! {
        form.inline method="post" action=(to) {
            button.link type="submit" aria-label={ (word) " " (document.file_name) } { (word) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::params::Selection;

    #[test]
    fn filters_stay_when_the_list_goes_on() {
        let selection = Selection {
            q: Some("März & co".into()),
            status: Some("done".into()),
            category: Some(String::new()),
            ..Selection::default()
        };
        let listing = Listing {
            selection,
            ..Listing::default()
        };
        assert_eq!(
            address("/", &listing, Some("0a1b")),
            "/?status=done&q=M%C3%A4rz%20%26%20co&cursor=0a1b"
        );
        assert_eq!(address("/", &Listing::default(), None), "/");
    }
}
