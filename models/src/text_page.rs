//! Makes pages from plain text: for generated training documents, for evaluation on text files, for tests.

use queue_schema::document::{Page, PageSource, Rect, Word};

/// One A4 page with the text's words, line by line. The words have no boxes.
pub fn text_page(text: &str) -> Page {
    let words = text.lines().enumerate().flat_map(|(line, words)| {
        words.split_whitespace().map(move |word| Word {
            text: word.to_owned(),
            rect: Rect::default(),
            confidence: 1.0,
            line: line as u32,
        })
    });
    Page {
        page: 1,
        width: 595.0,
        height: 842.0,
        rotation: 0,
        source: PageSource::TextLayer,
        confidence: 1.0,
        words: words.collect(),
        error: None,
    }
}
