//! Pages for tests.

use queue_schema::document::{Page, PageSource, Rect, Word};

/// A page of 595 × 842 points in 10-point type, 5 points per letter. Each phrase is given with its top left corner.
pub fn page(phrases: &[(f32, f32, &str)]) -> Page {
    let mut words = Vec::new();
    for (line, (x, y, phrase)) in phrases.iter().enumerate() {
        let mut left = *x;
        for text in phrase.split_whitespace() {
            let width = 5.0 * text.chars().count() as f32;
            let rect = Rect {
                x0: left,
                y0: *y,
                x1: left + width,
                y1: y + 10.0,
            };
            words.push(Word {
                text: text.to_owned(),
                rect,
                confidence: 1.0,
                line: line as u32,
            });
            left += width + 4.0;
        }
    }
    Page {
        page: 1,
        width: 595.0,
        height: 842.0,
        rotation: 0,
        source: PageSource::TextLayer,
        confidence: 1.0,
        words,
        error: None,
    }
}

/// A page of lines below each other. A tab moves to the right column.
pub fn lines(text: &str) -> Page {
    let mut phrases = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (column, part) in line.trim().split('\t').enumerate() {
            phrases.push((40.0 + 260.0 * column as f32, 40.0 + 16.0 * number as f32, part));
        }
    }
    page(&phrases)
}
