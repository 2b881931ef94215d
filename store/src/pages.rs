//! A document's content: pages, category, fields.

use crate::Store;
use crate::error::Result;
use queue_schema::document::{Category, DocumentError, Field, Page, PageSource, Reading, Rect, Source};
use serde_json::Value;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

/// A page's size as displayed, in 1/72 inch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    pub width: f32,
    pub height: f32,
}

/// A field of a document, extracted or given by a person.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldView {
    pub label: String,
    pub value: String,
    pub raw: String,
    /// The page, from 1, and the position on it. A value that a person gave may have none.
    pub place: Option<(u32, Rect)>,
    pub confidence: f32,
    pub source: Source,
}

fn number(page: i32) -> u32 {
    u32::try_from(page).unwrap_or_default()
}

fn rect(row: &Row) -> Rect {
    let corners: Option<Vec<f32>> = row.get("box");
    corners
        .and_then(|corners| <[f32; 4]>::try_from(corners).ok())
        .map(Rect::from)
        .unwrap_or_default()
}

/// Removes NUL, which Postgres cannot store in text. Nothing else is lost.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

fn name_of<T: serde::Serialize>(name: T) -> Result<String> {
    match serde_json::to_value(name)? {
        Value::String(name) => Ok(name),
        other => Ok(other.to_string()),
    }
}

fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T> {
    Ok(serde_json::from_value(Value::String(name.to_owned()))?)
}

/// Saves a document's pages, all unread, in the transaction that ends the opening of the document.
pub(crate) async fn begin_reading(
    tx: &Transaction<'_>,
    document: Uuid,
    pages: &[Shape],
    pages_per_task: u32,
) -> Result<()> {
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    let per_task = i32::try_from(pages_per_task).unwrap_or(i32::MAX);
    tx.execute(
        include_str!("../sql/begin_reading.sql"),
        &[&document, &count, &per_task],
    )
    .await?;
    tx.execute(include_str!("../sql/forget_pages.sql"), &[&document])
        .await?;
    let widths: Vec<f32> = pages.iter().map(|p| p.width).collect();
    let heights: Vec<f32> = pages.iter().map(|p| p.height).collect();
    tx.execute(
        include_str!("../sql/insert_unread_pages.sql"),
        &[&document, &widths, &heights],
    )
    .await?;
    Ok(())
}

/// The first of these pages that has not been read.
pub(crate) async fn first_unread(tx: &Transaction<'_>, document: Uuid, first: u32, last: u32) -> Result<Option<u32>> {
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let statement = include_str!("../sql/first_unread.sql");
    let row = tx
        .query_one(statement, &[&document, &number(first), &number(last)])
        .await?;
    Ok(row
        .get::<_, Option<i32>>("page")
        .and_then(|page| u32::try_from(page).ok()))
}

fn read_page(row: &Row) -> Result<Page> {
    Ok(Page {
        page: u32::try_from(row.get::<_, i32>("page")).unwrap_or_default(),
        width: row.get("width"),
        height: row.get("height"),
        rotation: u16::try_from(row.get::<_, i16>("rotation")).unwrap_or_default(),
        source: named(row.get("source"))?,
        confidence: row.get("confidence"),
        words: serde_json::from_value(row.get("words"))?,
        error: row
            .get::<_, Option<Value>>("error")
            .map(serde_json::from_value)
            .transpose()?,
    })
}

impl Store {
    pub async fn save_pages(&self, tx: &Transaction<'_>, document: Uuid, pages: &[Page]) -> Result<()> {
        let statement = tx.prepare(include_str!("../sql/save_page.sql")).await?;
        for page in pages {
            let mut words = serde_json::to_value(&page.words)?;
            scrub(&mut words);
            let error = page.error.as_ref().map(serde_json::to_value).transpose()?;
            let number = i32::try_from(page.page).unwrap_or(i32::MAX);
            let rotation = i16::try_from(page.rotation).unwrap_or_default();
            let source: PageSource = page.source;
            tx.execute(
                &statement,
                &[
                    &document,
                    &number,
                    &page.width,
                    &page.height,
                    &rotation,
                    &name_of(source)?,
                    &page.confidence,
                    &words,
                    &storable(&page.text()),
                    &error,
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// The pages that have been read, in order.
    pub async fn pages(&self, document: Uuid) -> Result<Vec<Page>> {
        let rows = self
            .client()
            .await?
            .query(include_str!("../sql/pages.sql"), &[&document, &None::<i32>])
            .await?;
        rows.iter().map(read_page).collect()
    }

    /// Those of the pages `first..=last` that have been read, in order.
    pub async fn pages_between(&self, document: Uuid, first: u32, last: u32) -> Result<Vec<Page>> {
        let [first, last] = [first, last].map(|n| i32::try_from(n).unwrap_or(i32::MAX));
        let rows = self
            .client()
            .await?
            .query(include_str!("../sql/pages_between.sql"), &[&document, &first, &last])
            .await?;
        rows.iter().map(read_page).collect()
    }

    /// One page, from 1. `None` if it has not been read, or there is no such page.
    pub async fn page(&self, document: Uuid, number: u32) -> Result<Option<Page>> {
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        let row = self
            .client()
            .await?
            .query_opt(include_str!("../sql/pages.sql"), &[&document, &Some(number)])
            .await?;
        row.as_ref().map(read_page).transpose()
    }

    /// The pages that could not be read, with the reason, in order.
    pub async fn unreadable_pages(&self, document: Uuid) -> Result<Vec<(u32, DocumentError)>> {
        let rows = self
            .client()
            .await?
            .query(include_str!("../sql/unreadable_pages.sql"), &[&document])
            .await?;
        rows.iter()
            .map(|row| {
                let number = u32::try_from(row.get::<_, i32>("page")).unwrap_or_default();
                Ok((number, serde_json::from_value(row.get("error"))?))
            })
            .collect()
    }

    pub async fn set_category(&self, tx: &Transaction<'_>, document: Uuid, category: &Category) -> Result<()> {
        tx.execute(
            include_str!("../sql/set_category.sql"),
            &[&document, &serde_json::to_value(category)?],
        )
        .await?;
        Ok(())
    }

    /// Replaces the fields that were extracted before. Those that a person entered are kept.
    pub async fn save_fields(&self, tx: &Transaction<'_>, document: Uuid, fields: &[Field]) -> Result<()> {
        tx.execute(include_str!("../sql/forget_annotations.sql"), &[&document])
            .await?;
        let texts = |of: fn(&Field) -> &str| fields.iter().map(|f| storable(of(f))).collect::<Vec<_>>();
        let corner = |of: fn(&Rect) -> f32| fields.iter().map(|f| of(&f.rect)).collect::<Vec<_>>();
        let pages: Vec<i32> = fields
            .iter()
            .map(|f| i32::try_from(f.page).unwrap_or(i32::MAX))
            .collect();
        let confidences: Vec<f32> = fields.iter().map(|f| f.confidence).collect();
        let sources = fields.iter().map(|f| name_of(f.source)).collect::<Result<Vec<_>>>()?;
        tx.execute(
            include_str!("../sql/insert_annotations.sql"),
            &[
                &document,
                &texts(|f| &f.label),
                &texts(|f| &f.value),
                &texts(|f| &f.raw),
                &pages,
                &confidences,
                &sources,
                &corner(|r| r.x0),
                &corner(|r| r.y0),
                &corner(|r| r.x1),
                &corner(|r| r.y1),
            ],
        )
        .await?;
        Ok(())
    }

    /// The fields of a document: those extracted, replaced by a person's corrections.
    pub async fn fields(&self, document: Uuid) -> Result<Vec<FieldView>> {
        let client = self.client().await?;
        let rows = client
            .query(include_str!("../sql/annotations.sql"), &[&document])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(FieldView {
                    label: row.get("label"),
                    value: row.get("value"),
                    raw: row.get("raw"),
                    place: row.get::<_, Option<i32>>("page").map(|page| (number(page), rect(row))),
                    confidence: row.get("confidence"),
                    source: named::<Source>(row.get("source"))?,
                })
            })
            .collect()
    }

    /// The extracted fields of a document, without people's corrections.
    async fn found_fields(&self, document: Uuid) -> Result<Vec<Field>> {
        let client = self.client().await?;
        let rows = client
            .query(include_str!("../sql/found_annotations.sql"), &[&document])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Field {
                    label: row.get("label"),
                    value: row.get("value"),
                    raw: row.get("raw"),
                    page: number(row.get("page")),
                    rect: rect(row),
                    confidence: row.get("confidence"),
                    source: named::<Source>(row.get("source"))?,
                })
            })
            .collect()
    }

    /// The document's content so far.
    pub async fn reading(&self, document: Uuid) -> Result<Reading> {
        let known = self.document(document).await?;
        let metadata = known
            .metadata
            .as_object()
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .collect();
        Ok(Reading {
            category: known.category,
            pages: self.pages(document).await?,
            fields: self.found_fields(document).await?,
            metadata,
        })
    }
}

/// Removes NUL from every string, because jsonb refuses it.
fn scrub(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = storable(text),
        Value::Array(items) => items.iter_mut().for_each(scrub),
        Value::Object(map) => map.values_mut().for_each(scrub),
        _ => {}
    }
}
