//! Finds the document's own number among its many numbers.

use crate::confidence::{self, Scale, first_best};
use crate::evidence::anchors::Label;
use crate::evidence::layout::{Candidate, Layout, Place};
use crate::evidence::lines::Row;
use crate::values::dates;
use crate::values::iban;
use std::ops::Range;

// What is added for a number and taken off it, in shares of confidence. Its own label adds its strength.

/// Taken off for another label, times the strength of that label.
const OTHER_LABEL: f32 = 0.6;
/// Numbers with at most one digit, with two, and with more.
const ONE_DIGIT: f32 = -0.25;
const TWO_DIGITS: f32 = -0.1;
const MORE_DIGITS: f32 = 0.05;
/// Added at the start of the document, and less towards its end.
const EARLY: f32 = 0.1;
/// What is left of the strength of a label farther left than `COLUMN`, which belongs to another column.
const OTHER_COLUMN: f32 = 0.5;
/// In widths of the page.
const COLUMN: f32 = 0.35;
/// The evidence that a document's number needs.
const LEAST: f32 = 0.2;
/// The longest number, in bytes.
const LONGEST: usize = 32;
/// The confidence that a number's evidence gives.
const CONFIDENCE: Scale = Scale {
    start: 0.25,
    rise: 0.7,
    most: confidence::MOST,
};

#[derive(Debug, Clone)]
pub struct Numbered {
    pub number: String,
    pub place: Place,
    pub confidence: f32,
}

/// The number that is most likely the document's.
pub fn document_number(layout: &Layout) -> Option<Numbered> {
    let found = layout.candidates(codes);
    let peers: Vec<Place> = found.iter().map(|c| c.place.clone()).collect();
    let weighed = found
        .iter()
        .map(|candidate| (candidate, weigh(layout, candidate, &peers)));
    first_best(weighed, LEAST).map(|(c, score)| Numbered {
        number: c.value.clone(),
        place: c.place.clone(),
        confidence: CONFIDENCE.of(score),
    })
}

fn weigh(layout: &Layout, candidate: &Candidate<String>, peers: &[Place]) -> f32 {
    let place = &candidate.place;
    let (mut own, mut other) = (0.0f32, 0.0f32);
    // Labels of other numbers, parties and dates claim the values beside or below them.
    let links = layout.links(place, peers, |label| {
        label.is_party()
            || matches!(
                label,
                Label::DocumentNumber
                    | Label::OtherNumber
                    | Label::DocumentDate
                    | Label::DueDate
                    | Label::OtherDate
                    | Label::VatId
                    | Label::Iban
            )
    });
    for link in links {
        let far = far_right(&link.anchor.rect, place, layout);
        let role = if link.anchor.label == Label::DocumentNumber {
            &mut own
        } else {
            &mut other
        };
        *role = role.max(link.score * far);
    }
    if own == 0.0 {
        return 0.0;
    }
    let digits = candidate.value.chars().filter(char::is_ascii_digit).count();
    let shape = match digits {
        0..=1 => ONE_DIGIT,
        2 => TWO_DIGITS,
        _ => MORE_DIGITS,
    };
    let early = EARLY * (1.0 - place.row as f32 / layout.rows.len().max(1) as f32);
    own - OTHER_LABEL * other + shape + early
}

/// Reduces the evidence of a label far to the left of the number, which is then in another column.
fn far_right(anchor: &queue_schema::document::Rect, place: &Place, layout: &Layout) -> f32 {
    let gap = place.rect.x0 - anchor.x1;
    if gap > COLUMN * layout.rows[place.row].page_width {
        OTHER_COLUMN
    } else {
        1.0
    }
}

/// Words that may be a document's number: with at least one digit, and no date, amount or bank account.
fn codes(row: &Row) -> Vec<(String, Range<usize>)> {
    let taken: Vec<Range<usize>> = dates::find(&row.text)
        .into_iter()
        .map(|f| f.range)
        .chain(iban::find(&row.text).into_iter().map(|f| f.range))
        .collect();
    let words: Vec<Range<usize>> = row.words().cloned().collect();
    let mut codes = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (range, used) = code_at(row, &words, at);
        let free = !taken.iter().any(|t| t.start < range.end && range.start < t.end);
        if let Some(code) = clean(&row.text, range).filter(|_| free) {
            codes.push(code);
        }
        at += used;
    }
    codes
}

/// A word, together with the next ones where a slash or a short prefix joins them: `RE 2018-01`, `2018 / 0001`.
fn code_at(row: &Row, words: &[Range<usize>], at: usize) -> (Range<usize>, usize) {
    let text = |i: usize| words.get(i).map(|w| &row.text[w.clone()]);
    let joined = |i: usize| {
        words
            .get(i + 1)
            .is_some_and(|next| !row.text[words[i].end..next.start].contains('\t'))
    };
    let first = text(at).unwrap_or_default();
    if joined(at)
        && joined(at + 1)
        && matches!(text(at + 1), Some("/" | "-"))
        && ends_with_digit(first)
        && text(at + 2).is_some_and(starts_with_digit)
    {
        return (words[at].start..words[at + 2].end, 3);
    }
    let prefix = (2..=3).contains(&first.len())
        && first.chars().all(|c| c.is_ascii_uppercase())
        && !matches!(first, "NO" | "NR" | "ID" | "RM" | "EUR" | "USD" | "DE" | "FR");
    if prefix
        && joined(at)
        && text(at + 1).is_some_and(|t| starts_with_digit(t) && t.len() >= 3 && !t.contains([',', '.']))
    {
        return (words[at].start..words[at + 1].end, 2);
    }
    (words[at].clone(), 1)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn ends_with_digit(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}

/// Removes a label and signs around a code. `None` for what cannot be a document's number.
fn clean(text: &str, range: Range<usize>) -> Option<(String, Range<usize>)> {
    let word = &text[range.clone()];
    // `No:4711` and `Nr.4711`: the label and its number in one word.
    let label = word.find([':', '#']).map_or(0, |at| at + 1);
    let start = range.start + label + word[label..].find(|c: char| c.is_alphanumeric())?;
    let end = range.start
        + word
            .rfind(|c: char| c.is_alphanumeric())
            .map(|at| at + word[at..].chars().next().map_or(1, char::len_utf8))?;
    if start >= end {
        return None;
    }
    let start = start + label_letters(&text[start..end]);
    let code = &text[start..end];
    let digits = code.chars().filter(char::is_ascii_digit).count();
    let money = code.rsplit_once([',', '.']).is_some_and(|(head, cents)| {
        cents.len() == 2
            && cents.bytes().all(|b| b.is_ascii_digit())
            && head.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    });
    let rest = text[range.end..].trim_start();
    let plausible = digits > 0
        && code.len() <= LONGEST
        && !money
        && !rest.starts_with('%')
        && !code.contains(['%', '@', ':', '€', '$']);
    plausible.then(|| {
        (
            code.replace(' ', if code.contains(['/', '-']) { "" } else { " " }),
            start..end,
        )
    })
}

/// Length in bytes of a label joined to its number: `Nr.4711`, `No.A12`.
fn label_letters(word: &str) -> usize {
    ["Nr.", "No.", "NO.", "N°", "Nº", "nr.", "no."]
        .iter()
        .find(|label| word.starts_with(**label))
        .map_or(0, |label| label.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::lines;

    fn number(text: &str) -> Option<String> {
        document_number(&Layout::new(&[lines(text)])).map(|n| n.number)
    }

    #[test]
    fn labelled_numbers() {
        for (text, want) in [
            ("Rechnungs-Nr.: 2018-0042\nKunden-Nr.: 4711", "2018-0042"),
            ("Rechnungsnummer\tRE 20180042", "RE 20180042"),
            ("Handelsrechnung Nr. 471102 vom 05.03.2018", "471102"),
            ("FACTURE N° :\tF20180027\nDate :\t31/12/2018", "F20180027"),
            ("Invoice No.\tDate\nINV/2023/03/0008\t20.03.2023", "INV/2023/03/0008"),
            ("Rechnung 4711-A", "4711-A"),
            ("Invoice No:A-17\nOrder No: 99", "A-17"),
            ("Numer faktury: 12 / 2020", "12/2020"),
        ] {
            assert_eq!(number(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn no_label_no_number() {
        assert_eq!(number("Tel. 030 123456\nTotal 12,50"), None);
        assert_eq!(number("Kundennummer: 4711"), None);
    }
}
