//! Removes recognised words that the page already has as text in the same place.
//!
//! A page is recognised as a whole even if only a part of it is a picture: a typed letterhead over a scan, a fax header. If the
//! typed part were added again, every search would find its words twice.

use queue_schema::document::{Rect, Word};
use std::collections::HashMap;

/// Edge of a cell of the index, in 1/72 inch: about two words.
const CELL: f32 = 48.0;
/// A "word" that covers more cells than this is a watermark. Only its first cells are indexed.
const MOST_CELLS: usize = 64;

/// The words of `read` that `own` does not contain at the same place.
pub fn unknown(read: &[Word], own: &[Word]) -> Vec<Word> {
    let index = Index::of(own);
    read.iter().filter(|word| !index.holds(word)).cloned().collect()
}

struct Index<'a> {
    cells: HashMap<(i32, i32), Vec<(&'a Rect, String)>>,
}

impl<'a> Index<'a> {
    fn of(words: &'a [Word]) -> Index<'a> {
        let mut cells: HashMap<_, Vec<_>> = HashMap::new();
        for word in words {
            for cell in covered(&word.rect).take(MOST_CELLS) {
                cells.entry(cell).or_default().push((&word.rect, letters(&word.text)));
            }
        }
        Index { cells }
    }

    fn holds(&self, word: &Word) -> bool {
        let (x, y) = ((word.rect.x0 + word.rect.x1) / 2.0, (word.rect.y0 + word.rect.y1) / 2.0);
        let text = letters(&word.text);
        let near = self.cells.get(&cell(x, y)).map(Vec::as_slice).unwrap_or_default();
        !text.is_empty()
            && near
                .iter()
                .any(|(rect, own)| encloses(rect, x, y) && own.contains(&text))
    }
}

fn encloses(rect: &Rect, x: f32, y: f32) -> bool {
    rect.x0 <= x && x <= rect.x1 && rect.y0 <= y && y <= rect.y1
}

fn covered(rect: &Rect) -> impl Iterator<Item = (i32, i32)> + use<> {
    let (left, top) = cell(rect.x0, rect.y0);
    let (right, bottom) = cell(rect.x1, rect.y1);
    (top..=bottom).flat_map(move |y| (left..=right).map(move |x| (x, y)))
}

fn cell(x: f32, y: f32) -> (i32, i32) {
    ((x / CELL).floor() as i32, (y / CELL).floor() as i32)
}

/// Compared without punctuation and case, where recognition and text layers differ most.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, rect: [f32; 4]) -> Word {
        Word {
            text: text.to_owned(),
            rect: rect.into(),
            confidence: 1.0,
            line: 0,
        }
    }

    #[test]
    fn only_the_same_word_in_the_same_place_is_a_repeat() {
        let own = [
            word("Rechnung,", [90.0, 90.0, 150.0, 102.0]),
            word("2026", [160.0, 90.0, 190.0, 102.0]),
        ];
        let read = [
            word("rechnung", [92.0, 91.0, 148.0, 101.0]),
            word("2026", [160.0, 120.0, 190.0, 132.0]),
            word("2O26", [160.0, 90.0, 190.0, 102.0]),
            word("—", [160.0, 90.0, 190.0, 102.0]),
        ];
        let texts: Vec<String> = unknown(&read, &own).into_iter().map(|w| w.text).collect();
        assert_eq!(texts, ["2026", "2O26", "—"]);
    }

    #[test]
    fn boxes_from_a_hostile_file_are_bounded() {
        let own = [
            word("a", [f32::MIN, f32::MIN, f32::MAX, f32::MAX]),
            word("b", [f32::NAN; 4]),
        ];
        assert_eq!(unknown(&own, &own).len(), 2);
    }
}
