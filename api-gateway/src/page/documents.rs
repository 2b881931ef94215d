//! The list of documents.

use super::layout::size;
use crate::api::Listing;
use crate::wire::{Document, DocumentList, StageOfDocument};
use maud::{Markup, html};
use queue_schema::document::{DocumentStatus, Source};
use store::StageState;
use web::problem::Problem;

pub fn list(listing: &Listing, list: &DocumentList) -> Markup {
    let active = list.documents.iter().any(|d| !d.status.is_terminal());
    html! {
        div.rows data-active=(active) {
            @if list.documents.is_empty() { (empty(listing)) }
            @for document in &list.documents { (row(document)) }
        }
        @if list.next_cursor.is_some() || listing.cursor.is_some() {
            nav.pager aria-label="Pages of the list" {
                @if listing.cursor.is_some() { a href=(address(listing, None)) { "Newest" } }
                @if let Some(next) = &list.next_cursor { a href=(address(listing, Some(next))) { "Older" } }
            }
        }
    }
}

pub fn trouble(problem: &Problem) -> Markup {
    html! { p.notice role="alert" data-active="true" { (problem.detail()) } }
}

fn empty(listing: &Listing) -> Markup {
    let filtered = [&listing.q, &listing.status, &listing.category, &listing.project]
        .into_iter()
        .any(|filter| filter.as_deref().is_some_and(|text| !text.trim().is_empty()));
    html! {
        p.empty {
            @if filtered { "No document matches. " a href="/" { "Show all" } }
            @else { "No documents yet. Drop one above, and its text, category and fields appear here." }
        }
    }
}

/// The same list from another place on.
fn address(listing: &Listing, cursor: Option<&str>) -> String {
    let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
    let parameters = [
        ("project", text(&listing.project)),
        ("status", text(&listing.status)),
        ("category", text(&listing.category)),
        ("q", text(&listing.q)),
        ("cursor", cursor.map(str::to_owned)),
    ];
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut query = String::new();
    for (name, value) in given {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                query.push(char::from(byte));
            } else {
                query.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    format!("/{query}")
}

fn row(document: &Document) -> Markup {
    let status = document.status;
    html! {
        article.row id={ "d-" (document.id) } data-status=(status) {
            div.name {
                h2 title=(document.file_name) { (document.file_name) }
                p.quiet {
                    time datetime=(document.created_at.to_rfc3339()) { (document.created_at.format("%Y-%m-%d %H:%M UTC")) }
                    " · " (size(document.size_bytes))
                    @if let Some(pages) = document.page_count { " · " (pages) (if pages == 1 { " page" } else { " pages" }) }
                    @if document.project != "default" { " · " (document.project) }
                    @if document.duplicate_of.is_some() { " · duplicate" }
                }
            }
            div.state {
                span class={ "pill " (status) } { (status) }
                @if let Some(category) = &document.category {
                    span.category title=(certainty(category.confidence, category.source)) { (category.name) }
                }
            }
            div.progress { (stages(document)) }
            div.actions { (actions(document)) }
        }
    }
}

fn certainty(confidence: f32, source: Source) -> String {
    match source {
        Source::Upload => "given at upload".into(),
        Source::User => "given by a person".into(),
        Source::Model | Source::Rule => format!("{:.0} % certain", confidence * 100.0),
    }
}

fn stages(document: &Document) -> Markup {
    html! {
        ol.stages aria-label="Stages" {
            @for stage in &document.stages {
                li class=(state_name(stage.state)) title=(title(stage)) {
                    span { (stage.stage) }
                }
            }
        }
        @if let Some(line) = line(document) { p.why { (line) } }
    }
}

fn state_name(state: StageState) -> &'static str {
    match state {
        StageState::Waiting => "waiting",
        StageState::Running => "running",
        StageState::Done => "done",
        StageState::Failed => "failed",
        StageState::Skipped => "skipped",
    }
}

fn title(stage: &StageOfDocument) -> String {
    let state = state_name(stage.state);
    match &stage.why {
        Some(why) => format!("{}: {state}, {why}", stage.stage),
        None => format!("{}: {state}", stage.stage),
    }
}

/// What is going on, or went wrong, in one sentence.
fn line(document: &Document) -> Option<String> {
    if let Some(error) = &document.error {
        return Some(error.message.clone());
    }
    if document.status.is_terminal() {
        return None;
    }
    let stage = document
        .stages
        .iter()
        .find(|stage| matches!(stage.state, StageState::Running | StageState::Waiting))?;
    let read = document
        .page_count
        .filter(|count| document.pages_read < i64::from(*count))
        .map(|count| format!("{} of {count} pages read", document.pages_read));
    let what = match stage.state {
        StageState::Running => read.or_else(|| Some("under way".to_owned())),
        _ => stage.why.clone(),
    };
    what.map(|what| format!("{}: {what}", stage.stage))
}

fn actions(document: &Document) -> Markup {
    let links = &document.links;
    let post = |verb: &str| format!("{}/{verb}", links.this);
    html! {
        @if document.status == DocumentStatus::Done {
            a href=(links.searchable_pdf) { "Searchable PDF" }
            a href=(links.text) { "Text" }
            a href=(links.result) { "Result" }
        }
        a href=(links.original) { "Original" }
        @if document.status.is_terminal() {
            @if document.status != DocumentStatus::Done {
                button.link type="button" data-method="POST" data-url=(post("retry")) { "Retry" }
            }
            button.link type="button" data-method="DELETE" data-url=(links.this)
                data-confirm={ "Delete " (document.file_name) "?" } { "Delete" }
        } @else {
            button.link type="button" data-method="POST" data-url=(post("cancel")) { "Cancel" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_stay_when_the_list_goes_on() {
        let listing = Listing {
            q: Some("März & co".into()),
            status: Some("done".into()),
            category: Some(String::new()),
            ..Listing::default()
        };
        assert_eq!(
            address(&listing, Some("0a1b")),
            "/?status=done&q=M%C3%A4rz%20%26%20co&cursor=0a1b"
        );
        assert_eq!(address(&Listing::default(), None), "/");
    }
}
