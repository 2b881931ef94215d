//! Where in documents' texts the words stand that were searched for.

use crate::Store;
use crate::error::Result;
use uuid::Uuid;

/// The first page that has the words.
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
    /// One of the words that were searched for.
    pub hit: bool,
}

/// Around a hit, as sql/found.sql has Postgres put them. Of Unicode's private use: no text has them by right.
const BEGIN: char = '\u{e000}';
const END: char = '\u{e001}';

impl Store {
    /// Documents that were found by their names alone are left out.
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
