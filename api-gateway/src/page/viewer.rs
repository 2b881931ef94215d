//! A page of a document as an image, with the boxes of words and fields drawn over it. It shows one page at a time, so that a
//! document of three hundred pages loads as fast as one of one page.

use super::words::{label, sentence};
use crate::api::pages::thumbnail_name;
use crate::state::Gateway;
use crate::wire::Document;
use maud::{Markup, html};
use queue_schema::document::{Page, Rect};
use std::ops::RangeInclusive;
use store::FieldView;
use web::problem::Result;

/// The shown page and its data.
pub struct Sheet<'a> {
    pub document: &'a Document,
    /// From 1.
    pub number: u32,
    /// `None` until the page has been read.
    pub page: Option<Page>,
    /// Fields of the whole document.
    pub fields: Vec<FieldView>,
    /// The nearby pages that have a thumbnail.
    thumbnails: Vec<u32>,
}

/// Width of the page image in pixels: twice the widest column.
const WIDTH: u32 = 1600;
/// A page this many times taller than wide is a till roll and is shown narrow.
const ROLL: f32 = 2.2;
/// Thumbnails on each side of the current page's own.
const AROUND: u32 = 6;

pub fn show(sheet: &Sheet) -> Markup {
    html! {
        section.viewer #viewer aria-labelledby="page" {
            div.bar {
                h2 #page { "Page " (sheet.number) " of " (sheet.last()) }
                (steps(sheet))
                span.spacer {}
                @if sheet.page.as_ref().is_some_and(|page| !page.words.is_empty()) {
                    label.tick { input #show-words type="checkbox"; "Word boxes" }
                }
            }
            @match &sheet.page {
                Some(page) => {
                    @if let Some(error) = &page.error {
                        p.notice.bad { "This page could not be read. " (sentence(&error.message)) }
                    }
                    (picture(sheet, page))
                },
                None => p.empty { "This page has not been read" @if !sheet.document.status.is_terminal() { " yet" } "." },
            }
            (thumbnails(sheet))
        }
    }
}

impl Sheet<'_> {
    pub async fn read<'a>(gateway: &Gateway, document: &'a Document, number: u32) -> Result<Sheet<'a>> {
        let (store, id) = (&gateway.store, document.id);
        let mut sheet = Sheet {
            document,
            number,
            page: store.page(id, number).await?,
            fields: store.fields(id).await?,
            thumbnails: Vec::new(),
        };
        let names: Vec<String> = sheet.nearby().map(thumbnail_name).collect();
        let made = store.artefacts_among(id, &names).await?;
        let is_made = |page: &u32| made.contains(&thumbnail_name(*page));
        sheet.thumbnails = sheet.nearby().filter(is_made).collect();
        Ok(sheet)
    }

    fn last(&self) -> u32 {
        let pages = self.document.page_count.unwrap_or_default();
        u32::try_from(pages).unwrap_or_default().max(1)
    }

    fn nearby(&self) -> RangeInclusive<u32> {
        let first = self.number.saturating_sub(AROUND).max(1);
        first..=self.number.saturating_add(AROUND).min(self.last())
    }

    /// The fields on this page: their index in the document's list, and their bounding box.
    fn fields_here(&self) -> impl Iterator<Item = (usize, &FieldView, Rect)> {
        let all = self.fields.iter().enumerate();
        all.filter_map(|(n, field)| match field.place {
            Some((page, rect)) if page == self.number => Some((n, field, rect)),
            _ => None,
        })
    }
}

fn at(page: u32) -> String {
    format!("?page={page}#viewer")
}

fn steps(sheet: &Sheet) -> Markup {
    let (n, last) = (sheet.number, sheet.last());
    html! {
        @if last > 1 {
            nav.steps-of-pages aria-label="Pages of the document" {
                @if n > 1 { a.button rel="prev" href=(at(n - 1)) { "Previous" } }
                @if n < last { a.button rel="next" href=(at(n + 1)) { "Next" } }
                form.inline method="get" action={ "/documents/" (sheet.document.id) "#viewer" } {
                    input type="number" name="page" min="1" max=(last) value=(n) required aria-label="Page number";
                    button type="submit" { "Go" }
                }
            }
        }
    }
}

/// The image, and over it the boxes in the page's own coordinates, so that they fit at any displayed size.
fn picture(sheet: &Sheet, page: &Page) -> Markup {
    let n = sheet.number;
    let image = format!("{}/pages/{n}/image?width={WIDTH}", sheet.document.links.this);
    let roll = page.height > page.width * ROLL;
    html! {
        p #no-image .notice.busy hidden role="status" {}
        div.frame tabindex="0" role="region" aria-label={ "Image of page " (n) } {
            div.sheet.roll[roll] {
                // Lazy: the page can be shown before its image, which may still have to be rendered.
                img loading="lazy" src=(image) width=(page.width) height=(page.height) alt={ "Page " (n) " of " (sheet.document.file_name) };
                svg.marks viewBox={ "0 0 " (page.width) " " (page.height) } preserveAspectRatio="none"
                    role="img" aria-label={ "Places of words and fields on page " (n) } {
                    g.words {
                        @for word in &page.words {
                            (mark(&word.rect, None, &format!("{} · {:.0} %", word.text, word.confidence * 100.0)))
                        }
                    }
                    g.places {
                        @for (nth, field, rect) in sheet.fields_here() {
                            (mark(&rect, Some(nth), &format!("{}: {}", label(&field.label), field.value)))
                        }
                    }
                }
            }
        }
    }
}

fn mark(rect: &Rect, field: Option<usize>, title: &str) -> Markup {
    let point = |v: f32| format!("{v:.2}");
    html! {
        rect id=[field.map(|n| format!("field-{n}"))] data-field=[field]
            x=(point(rect.x0)) y=(point(rect.y0)) width=(point(rect.width())) height=(point(rect.height())) {
            title { (title) }
        }
    }
}

/// Links to the pages nearby. A page whose thumbnail was not made with the document gets its number instead: a browser opens
/// few connections to a server, and thumbnails that are rendered on demand would block all of them.
fn thumbnails(sheet: &Sheet) -> Markup {
    html! {
        @if sheet.last() > 1 {
            nav.thumbnails aria-label="Pages nearby" {
                @for page in sheet.nearby() {
                    a href=(at(page)) aria-current=[(page == sheet.number).then_some("page")] {
                        @if sheet.thumbnails.contains(&page) {
                            img loading="lazy" src={ (sheet.document.links.this) "/pages/" (page) "/thumbnail" } width="72" alt="";
                        }
                        span { span.hidden { "Page " } (page) }
                    }
                }
            }
        }
    }
}

pub fn text(sheet: &Sheet) -> Markup {
    let text = sheet.page.as_ref().map(Page::text).unwrap_or_default();
    html! {
        section.card aria-labelledby="text" {
            h2 #text { "Text of page " (sheet.number) }
            @if text.is_empty() { p.empty { "No text." } }
            @else { pre tabindex="0" { (text) } }
        }
    }
}
