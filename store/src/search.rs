//! Where the search words occur in the texts of documents.

use crate::Store;
use crate::error::Result;
use uuid::Uuid;

/// The first page of a document that has the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub document: Uuid,
    pub page: u32,
    /// A few words of its text.
    pub pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether this is one of the search words.
    pub hit: bool,
}

/// Markers that sql/found.sql puts around each hit. They are from Unicode's private use area, so that texts do not contain
/// them.
const BEGIN: char = '\u{e000}';
const END: char = '\u{e001}';

impl Store {
    /// The first hit in each document. Documents that match only by file name are left out.
    pub async fn found_in(&self, documents: &[Uuid], words: &str) -> Result<Vec<Found>> {
        let rows = self
            .client()
            .await?
            .query(include_str!("../sql/found.sql"), &[&documents, &words])
            .await?;
        let found = rows.iter().map(|row| Found {
            document: row.get("document_id"),
            page: u32::try_from(row.get::<_, i32>("page")).unwrap_or_default(),
            pieces: pieces(row.get("shown")),
        });
        Ok(found.collect())
    }
}

fn pieces(shown: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in shown.split(END) {
        let (before, hit) = part.split_once(BEGIN).unwrap_or((part, ""));
        for (text, hit) in [(before, false), (hit, true)] {
            if !text.is_empty() {
                let text = text.to_owned();
                pieces.push(Piece { text, hit });
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_told_from_what_stands_around_them() {
        let told = |shown: &str| -> Vec<(String, bool)> {
            pieces(shown).into_iter().map(|piece| (piece.text, piece.hit)).collect()
        };
        assert_eq!(
            told("the \u{e000}total\u{e001} is \u{e000}104\u{e001}"),
            [
                ("the ".to_owned(), false),
                ("total".to_owned(), true),
                (" is ".to_owned(), false),
                ("104".to_owned(), true)
            ]
        );
        assert_eq!(told("nothing"), [("nothing".to_owned(), false)]);
        assert_eq!(told(""), []);
    }
}
