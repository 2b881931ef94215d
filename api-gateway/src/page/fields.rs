//! The fields that were found, listed beside the page image.

use super::viewer::Sheet;
use super::words::{certainty, label};
use maud::{Markup, html};
use store::FieldView;

pub fn show(sheet: &Sheet) -> Markup {
    html! {
        section.card aria-labelledby="fields" {
            h2 #fields { "Fields" }
            @if sheet.fields.is_empty() {
                p.empty { @if sheet.document.status.is_terminal() { "No fields were found." } @else { "No fields yet." } }
            } @else {
                ol.fields { @for (n, field) in sheet.fields.iter().enumerate() { (one(sheet, n, field)) } }
            }
        }
    }
}

/// A link to the field's place, if it has one. A place on another page makes the link load that page.
fn one(sheet: &Sheet, n: usize, field: &FieldView) -> Markup {
    let page = field.place.map(|(page, _)| page);
    html! {
        li {
            @if let Some(page) = page {
                a.field href={ @if page != sheet.number { "?page=" (page) } "#field-" (n) } data-field=(n) { (said(field, Some(page))) }
            } @else {
                span.field { (said(field, None)) }
            }
        }
    }
}

fn said(field: &FieldView, page: Option<u32>) -> Markup {
    html! {
        span.label { (label(&field.label)) }
        strong { (field.value) }
        span.quiet {
            @if field.raw != field.value { "“" (field.raw) "” · " }
            @if let Some(page) = page { "page " (page) " · " }
            (certainty(field.confidence, field.source))
        }
    }
}
