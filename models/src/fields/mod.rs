//! Named values read out of documents: dates, amounts, numbers and names.
//!
//! The starter extractors need no training. They look for labels (`vocabulary`) and for values of a known form
//! (`dates`, `amounts`, `iban`, `vat`, `currency`), weigh how strongly each label governs each value (`board`), and let
//! arithmetic and checksums decide among the likely ones.

pub mod amounts;
mod anchors;
mod board;
pub mod contract;
pub mod currency;
pub mod dates;
pub mod iban;
mod identifiers;
pub mod invoice;
mod lines;
mod misread;
mod money;
mod names;
mod number;
mod parties;
pub mod receipt;
mod reckoned;
#[cfg(test)]
mod sample;
mod sums;
mod supplier;
mod text;
pub mod vat;
mod vocabulary;
mod when;

use queue_schema::document::{Field, Page};

/// Reads a document's fields out of its pages' words.
pub trait FieldExtractor {
    /// The fields found, each at most once except those that may repeat (the parties of a contract), with normalised
    /// values. A field that is not found is absent. Never fails: unreadable pages have no words and so no fields.
    fn extract(&self, pages: &[Page]) -> Vec<Field>;
}

/// The extractor that needs no training, for a category's name; documents of other categories have no fields.
pub fn starter(category: &str) -> Box<dyn FieldExtractor + Send + Sync> {
    match category {
        "invoice" => Box::new(invoice::Invoices),
        "receipt" => Box::new(receipt::Receipts),
        "contract" => Box::new(contract::Contracts),
        "letter" => Box::new(Dated),
        _ => Box::new(Nothing),
    }
}

/// For letters: their date alone.
struct Dated;

impl FieldExtractor for Dated {
    fn extract(&self, pages: &[Page]) -> Vec<Field> {
        let board = board::Board::new(pages);
        let date = when::dates(&board, dates::Order::DayFirst).document;
        date.map(|d| board.field("date", d.date.to_string(), &d.place, d.confidence))
            .into_iter()
            .collect()
    }
}

struct Nothing;

impl FieldExtractor for Nothing {
    fn extract(&self, _: &[Page]) -> Vec<Field> {
        Vec::new()
    }
}
