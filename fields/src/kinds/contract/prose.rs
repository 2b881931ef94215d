//! A document's words as running text in reading order, with the page and box of each.

use crate::confidence;
use queue_schema::document::{Field, Page, Rect, Source};
use std::ops::Range;

/// Most words of a contract to look at. What matters is at its beginning or in its closing provisions.
const MAX_WORDS: usize = 60_000;
/// In bytes. No name or number is longer.
const MAX_WORD: usize = 200;

#[derive(Debug)]
pub struct Prose {
    /// The words, joined by single spaces. A word hyphenated at the end of a line is not rejoined.
    pub text: String,
    words: Vec<(Range<usize>, u32, Rect)>,
}

impl Prose {
    pub fn new(pages: &[Page]) -> Prose {
        let mut prose = Prose {
            text: String::new(),
            words: Vec::new(),
        };
        let words = pages
            .iter()
            .flat_map(|page| page.words.iter().map(move |word| (page.page, word)));
        for (page, word) in words.filter(|(_, word)| word.text.len() <= MAX_WORD).take(MAX_WORDS) {
            if !prose.text.is_empty() {
                prose.text.push(' ');
            }
            let start = prose.text.len();
            prose.text.push_str(word.text.trim());
            prose.words.push((start..prose.text.len(), page, word.rect));
        }
        prose
    }

    /// Up to `bytes` bytes before a range.
    pub fn before(&self, range: &Range<usize>, bytes: usize) -> &str {
        &self.text[self.text.ceil_char_boundary(range.start.saturating_sub(bytes))..range.start]
    }

    /// Up to `bytes` bytes after a range.
    pub fn after(&self, range: &Range<usize>, bytes: usize) -> &str {
        &self.text[range.end..self.text.floor_char_boundary(range.end + bytes)]
    }

    pub fn field(&self, label: &str, value: String, range: &Range<usize>, confidence: f32) -> Field {
        let mut touched = self
            .words
            .iter()
            .filter(|(word, ..)| word.start < range.end && range.start < word.end);
        let (page, first) = touched
            .next()
            .map_or((1, Rect::default()), |(_, page, rect)| (*page, *rect));
        // A value that continues on the next page is shown where it begins.
        let rect = touched
            .filter(|(_, p, _)| *p == page)
            .fold(first, |all, (_, _, rect)| all.union(rect));
        Field {
            label: label.to_owned(),
            value,
            raw: self.text[range.clone()].to_owned(),
            page,
            rect,
            confidence: confidence::shown(confidence),
            source: Source::Rule,
        }
    }
}

/// Every occurrence of an ASCII word sequence in a text, ignoring case.
pub fn find_all<'t>(text: &'t str, words: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let (bytes, needle) = (text.as_bytes(), words.as_bytes());
    let last = (bytes.len() + 1).saturating_sub(needle.len());
    let starts = (0..last).filter(move |at| {
        let edge = *at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        edge && bytes[*at..at + needle.len()].eq_ignore_ascii_case(needle)
    });
    starts.map(move |at| at..at + needle.len())
}
