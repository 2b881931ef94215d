//! The values that were found, beside the page on which they stand.

use super::viewer::Sheet;
use super::words::{certainty, label};
use maud::{Markup, html};
use queue_schema::document::Field;

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

/// A link to the field's place. Where that is on another page, the page is loaded.
fn one(sheet: &Sheet, n: usize, field: &Field) -> Markup {
    let page = if field.page == sheet.number {
        String::new()
    } else {
        format!("?page={}", field.page)
    };
    html! {
        li {
            a.field href={ (page) "#field-" (n) } data-field=(n) {
                span.label { (label(&field.label)) }
                strong { (field.value) }
                span.quiet {
                    @if field.raw != field.value { "“" (field.raw) "” · " }
                    "page " (field.page) " · " (certainty(field.confidence, field.source))
                }
            }
        }
    }
}
