//! What docfleet knows about a document: its pages and words, its category, its fields, and why it failed.
//!
//! Coordinates everywhere: origin at the top left of the page as displayed (after rotation), unit 1/72 inch, y grows
//! downwards. Text offsets count Unicode scalar values in the document's text, in which pages are joined by form feeds.

use crate::names;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// `[x0, y0, x1, y1]` in 1/72 inch from the top left of the page as displayed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "[f32; 4]", into = "[f32; 4]")]
pub struct Rect {
    pub x0: f32,
    pub y0: f32,
    pub x1: f32,
    pub y1: f32,
}

impl From<[f32; 4]> for Rect {
    fn from([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Rect { x0, y0, x1, y1 }
    }
}

impl From<Rect> for [f32; 4] {
    fn from(r: Rect) -> Self {
        [r.x0, r.y0, r.x1, r.y1]
    }
}

impl Rect {
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// The smallest rectangle that holds both.
    pub fn union(&self, other: &Rect) -> Rect {
        Rect {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}

/// The names that [`is_name`] accepts, in words.
pub const NAME: &str = "1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first";

/// Whether `text` is a valid name of a project or a category.
pub fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// One word of a page, in reading order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    #[serde(rename = "box")]
    pub rect: Rect,
    /// 0 to 1. A word read from a text layer has 1.
    pub confidence: f32,
    /// Index of the word's line on the page, from 0; words of one line are adjacent.
    pub line: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageSource {
    /// The words were already in the file.
    TextLayer,
    /// The words were recognised in the page's image.
    Ocr,
    /// The page could not be read; see its error.
    Unreadable,
}

/// One page that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// From 1.
    pub page: u32,
    /// As displayed, in 1/72 inch.
    pub width: f32,
    pub height: f32,
    /// Clockwise degrees (0, 90, 180, 270) by which recognition turned the page's pixels to make its text upright, in addition
    /// to the rotation that the file asks for. Boxes refer to the page as the file displays it, so a viewer need not rotate.
    pub rotation: u16,
    pub source: PageSource,
    /// Mean word confidence, 0 to 1; 1 for a page without words that was read without trouble.
    pub confidence: f32,
    pub words: Vec<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<DocumentError>,
}

impl Page {
    /// Words joined by spaces, lines by line feeds.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = None;
        for word in &self.words {
            if let Some(last) = line {
                text.push(if last == word.line { ' ' } else { '\n' });
            }
            text.push_str(&word.text);
            line = Some(word.line);
        }
        text
    }
}

/// The document's text: its pages' texts joined by form feeds.
pub fn document_text<'a>(pages: impl IntoIterator<Item = &'a Page>) -> String {
    pages.into_iter().map(Page::text).collect::<Vec<_>>().join("\u{c}")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Model,
    Rule,
    Upload,
    User,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Category {
    pub name: String,
    pub confidence: f32,
    pub source: Source,
}

/// One extracted value. A label may repeat (two parties of a contract).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub label: String,
    /// Normalised: dates ISO 8601, amounts decimal strings with a point, currencies ISO 4217, IBAN and VAT id without spaces.
    pub value: String,
    /// The text as it is on the page.
    pub raw: String,
    pub page: u32,
    #[serde(rename = "box")]
    pub rect: Rect,
    pub confidence: f32,
    pub source: Source,
}

/// Why a document or a page could not be processed: a stable code for programs, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentError {
    pub code: ErrorCode,
    /// One sentence: what happened and what to do.
    #[serde(deserialize_with = "storable")]
    pub message: String,
    #[serde(default)]
    pub stage: Option<Stage>,
    #[serde(default)]
    pub page: Option<u32>,
}

impl DocumentError {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        DocumentError {
            code,
            message: without_nul(message.into()),
            stage: None,
            page: None,
        }
    }
}

fn storable<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(without_nul)
}

/// Replaces U+0000: Postgres cannot store that character in text, and a message may quote a document.
fn without_nul(message: String) -> String {
    if message.contains('\0') {
        message.replace('\0', "\u{fffd}")
    } else {
        message
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DocumentError {}

names! {
    ErrorCode {
        UnsupportedType = "unsupported_type",
        EmptyFile = "empty_file",
        CorruptFile = "corrupt_file",
        EncryptedPdf = "encrypted_pdf",
        NoPages = "no_pages",
        TooManyPages = "too_many_pages",
        PageTooLarge = "page_too_large",
        TimedOut = "timed_out",
        OutOfMemory = "out_of_memory",
        Crashed = "crashed",
        Cancelled = "cancelled",
        Internal = "internal",
    }
}

names! {
    /// The stages of a document, in order.
    Stage {
        Ocr = "ocr",
        Categorize = "categorize",
        Extract = "extract",
        Finalize = "finalize",
    }
}

names! {
    DocumentStatus {
        Queued = "queued",
        Processing = "processing",
        Done = "done",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl DocumentStatus {
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            DocumentStatus::Done | DocumentStatus::Failed | DocumentStatus::Cancelled
        )
    }
}

/// What the pipeline found in a document; the body of `result.json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Reading {
    pub category: Option<Category>,
    pub pages: Vec<Page>,
    pub fields: Vec<Field>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_quotes_nul_can_be_stored() {
        let error = DocumentError::new(ErrorCode::Internal, "a\0b");
        assert_eq!(error.message, "a\u{fffd}b");
        let json = r#"{"code": "internal", "message": "a\u0000b"}"#;
        assert_eq!(serde_json::from_str::<DocumentError>(json).unwrap(), error);
    }
}
