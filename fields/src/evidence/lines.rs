//! Groups words into visual rows by their boxes, independently of the lines found by the reader of the page.

use crate::values::misread;
use queue_schema::document::{Page, Rect, Word};
use std::ops::Range;

/// Two words on one row have less `misfit` than this.
const MISFIT: f32 = 0.45;
/// Words on one row share more than this of the lower one's height.
const SHARED: f32 = 0.45;
/// No word counts as lower than this beside another, in points.
const THINNEST: f32 = 0.1;
/// A wider gap separates columns, in heights of the lower word.
const COLUMN_GAP: f32 = 1.2;
/// No word counts as lower than this beside a gap, in points.
const LOWEST: f32 = 6.0;
/// More words than any invoice, receipt or contract needs. The rest of a longer document is ignored.
const MAX_WORDS: usize = 60_000;
/// A page with more words is no document of the kinds whose fields are known.
const MAX_WORDS_A_PAGE: usize = 8_000;
/// In bytes. No name or number is longer.
const MAX_WORD: usize = 200;

/// Words side by side on a page, from left to right.
#[derive(Debug, Clone)]
pub struct Row {
    pub page: u32,
    pub page_width: f32,
    pub page_height: f32,
    /// Whether the words were recognised by OCR and may be misspelt.
    pub recognised: bool,
    /// The words joined by a space, or by a tab if the gap between them separates columns.
    pub text: String,
    pub rect: Rect,
    words: Vec<Placed>,
}

#[derive(Debug, Clone)]
struct Placed {
    range: Range<usize>,
    rect: Rect,
    confidence: f32,
}

impl Row {
    /// The box of the words that a range of the text touches.
    pub fn rect_of(&self, range: &Range<usize>) -> Rect {
        let mut touched = self.touched(range).map(|w| w.rect);
        let first = touched.next().unwrap_or(self.rect);
        touched.fold(first, |all, rect| all.union(&rect))
    }

    /// Mean confidence of the words that a range of the text touches.
    pub fn confidence_of(&self, range: &Range<usize>) -> f32 {
        let (sum, n) = self
            .touched(range)
            .fold((0.0, 0), |(sum, n), w| (sum + w.confidence, n + 1));
        if n == 0 { 0.0 } else { sum / n as f32 }
    }

    fn touched<'s>(&'s self, range: &'s Range<usize>) -> impl Iterator<Item = &'s Placed> {
        self.words
            .iter()
            .filter(|w| w.range.start < range.end && range.start < w.range.end)
    }

    /// The ranges of the cells, which column gaps separate.
    pub fn cells(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let cell = |part: &str| {
            let range = start..start + part.len();
            start = range.end + 1;
            range
        };
        self.text.split('\t').map(cell).collect()
    }

    /// The ranges of the words.
    pub fn words(&self) -> impl Iterator<Item = &Range<usize>> {
        self.words.iter().map(|w| &w.range)
    }

    /// Reads values from the text. In a recognised row, misread digits are corrected first.
    pub fn read<T>(&self, find: impl Fn(&str) -> Vec<T>) -> Vec<T> {
        if self.recognised {
            find(&misread::amended(&self.text))
        } else {
            find(&self.text)
        }
    }

    pub fn height(&self) -> f32 {
        self.rect.height().max(1.0)
    }
}

/// The rows of all pages, from top to bottom.
pub fn rows(pages: &[Page]) -> Vec<Row> {
    let mut left = MAX_WORDS;
    let mut rows = Vec::new();
    for page in pages {
        let words: Vec<&Word> = page
            .words
            .iter()
            .filter(|w| is_usable(w))
            .take(left.min(MAX_WORDS_A_PAGE))
            .collect();
        left -= words.len();
        rows.extend(group(words).into_iter().map(|words| row(page, &words)));
    }
    rows
}

fn is_usable(word: &Word) -> bool {
    let r = &word.rect;
    word.text.len() <= MAX_WORD
        && !word.text.trim().is_empty()
        && [r.x0, r.y0, r.x1, r.y1].iter().all(|v| v.is_finite())
        && r.x1 >= r.x0
        && r.y1 >= r.y0
}

/// Takes words from left to right and appends each to the row whose last word is beside it. Comparing only with the last word
/// allows sloping rows, as on a photographed page.
fn group(mut words: Vec<&Word>) -> Vec<Vec<&Word>> {
    words.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
    let mut rows: Vec<Vec<&Word>> = Vec::new();
    for word in words {
        let beside = rows
            .iter_mut()
            .filter_map(|row| {
                row.last()
                    .map(|last| misfit(last, word))
                    .filter(|m| *m < MISFIT)
                    .map(|m| (m, row))
            })
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match beside {
            Some((_, row)) => row.push(word),
            None => rows.push(vec![word]),
        }
    }
    rows.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    rows
}

/// How far two words are from being on one line: 0 if their middles agree, 1 if they only touch. A word completely inside the
/// last one (a stamp, a second print) is not beside it, unless the reader put both on one line, because recognised boxes may be
/// too wide.
fn misfit(last: &Word, word: &Word) -> f32 {
    let (a, b) = (&last.rect, &word.rect);
    let overlap = a.y1.min(b.y1) - a.y0.max(b.y0);
    let (low, high) = (
        a.height().min(b.height()).max(THINNEST),
        a.height().max(b.height()).max(THINNEST),
    );
    let together = last.line == word.line && last.text != word.text;
    if overlap <= SHARED * low || (b.x1 <= a.x1 && !together) {
        return 1.0;
    }
    ((a.y0 + a.y1) - (b.y0 + b.y1)).abs() / (2.0 * high)
}

fn middle(words: &[&Word]) -> f32 {
    words.iter().map(|w| w.rect.y0 + w.rect.y1).sum::<f32>() / (2.0 * words.len() as f32)
}

fn row(page: &Page, words: &[&Word]) -> Row {
    let mut text = String::new();
    let mut placed: Vec<Placed> = Vec::with_capacity(words.len());
    for word in words {
        if let Some(last) = placed.last() {
            let height = last.rect.height().min(word.rect.height()).max(1.0);
            text.push(if word.rect.x0 - last.rect.x1 > COLUMN_GAP * height.max(LOWEST) {
                '\t'
            } else {
                ' '
            });
        }
        let start = text.len();
        text.extend(word.text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }));
        placed.push(Placed {
            range: start..text.len(),
            rect: word.rect,
            confidence: word.confidence,
        });
    }
    let rect = words
        .iter()
        .map(|w| w.rect)
        .reduce(|a, b| a.union(&b))
        .unwrap_or_default();
    let recognised = page.source == queue_schema::document::PageSource::Ocr;
    Row {
        page: page.page,
        page_width: page.width,
        page_height: page.height,
        recognised,
        text,
        rect,
        words: placed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::page;

    #[test]
    fn rows_follow_boxes_not_the_readers_lines() {
        let page = page(&[
            (300.0, 100.0, "9.00"),
            (10.0, 101.0, "TOTAL (RM)"),
            (10.0, 120.0, "CASH"),
        ]);
        let rows = rows(&[page]);
        assert_eq!(
            rows.iter().map(|r| r.text.as_str()).collect::<Vec<_>>(),
            ["TOTAL (RM)\t9.00", "CASH"]
        );
        assert_eq!(rows[0].cells(), [0..10, 11..15]);
    }

    #[test]
    fn a_sloping_row_stays_together() {
        let words: Vec<_> = (0..10)
            .map(|i| (10.0 + 50.0 * i as f32, 100.0 + 2.0 * i as f32, "word"))
            .collect();
        let lower: Vec<_> = words.iter().map(|(x, y, t)| (*x, y + 14.0, *t)).collect();
        let page = page(&[words, lower].concat());
        assert_eq!(rows(&[page]).len(), 2);
    }

    #[test]
    fn boxes_that_are_no_numbers_are_left_out() {
        let mut page = page(&[(10.0, 10.0, "fine"), (10.0, 30.0, "broken")]);
        page.words[1].rect.x0 = f32::NAN;
        assert_eq!(rows(&[page]).len(), 1);
    }
}
