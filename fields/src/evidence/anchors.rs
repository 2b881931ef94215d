//! Labels printed beside values: `Invoice no.`, `Gesamtbetrag`, `Total TTC`.
//!
//! Labels of unwanted values (change, quantity, delivery date) are listed too. A value belongs to its nearest label, so knowing
//! that label keeps the value from being taken for something else.

use crate::evidence::lines::Row;
use crate::evidence::vocabulary::{MAX_PHRASE, Qualifier, phrases, phrases_of_length};
use crate::values::text::{Token, tokens, within_one_edit};
use queue_schema::document::Rect;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    Total,
    AmountDue,
    Net,
    /// `Net total`: the amount before tax on an invoice, the amount to pay on a receipt.
    NetTotal,
    Subtotal,
    Tax,
    Prepaid,
    Cash,
    Change,
    Rounding,
    /// A labelled number that is none of the wanted amounts: discount, quantity, unit price.
    OtherAmount,
    DocumentNumber,
    OtherNumber,
    DocumentDate,
    DueDate,
    OtherDate,
    VatId,
    Iban,
    Currency,
    Seller,
    Buyer,
    OtherParty,
    /// The word that names the kind of document: `Invoice`, `Rechnung`, `Receipt`.
    Title,
}

impl Label {
    pub fn is_party(self) -> bool {
        matches!(self, Label::Seller | Label::Buyer | Label::OtherParty)
    }
}

/// A label found on a page.
#[derive(Debug, Clone)]
pub struct Anchor {
    pub label: Label,
    /// How strongly the wording alone indicates the wanted value, 0 to 1.
    pub strength: f32,
    /// Index among the document's rows.
    pub row: usize,
    pub range: Range<usize>,
    pub rect: Rect,
}

// What changes the strength of a phrase, in shares.

/// What is left of it if one letter is misread.
const MISREAD: f32 = 0.9;
/// What is left of a total's that a rate follows: `Total 6% …` is the total of one rate.
const OF_ONE_RATE: f32 = 0.6;
/// The least of a qualified total.
const LEAST_QUALIFIED: f32 = 0.1;

// Limits of the search.

/// The shortest phrase that may be misread, compacted.
const SHORTEST: usize = 7;
/// The longest label of a date that only counts before a number, in bytes: `le`, `den`.
const SHORT_DATE_LABEL: usize = 3;
/// Words after a total that may qualify it.
const MOST_QUALIFIERS: usize = 6;
/// Most labels on one row. No real row has more, and more would only cost time.
const MOST_LABELS: usize = 64;

/// All labels of a document, by row and from left to right. Where phrases overlap, the longest wins.
pub fn find(rows: &[Row]) -> Vec<Anchor> {
    let mut anchors = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let tokens = tokens(&row.text);
        let (mut at, first) = (0, anchors.len());
        while at < tokens.len() && anchors.len() - first < MOST_LABELS {
            let Some((used, label, strength)) = match_at(row, &tokens, at) else {
                at += 1;
                continue;
            };
            let range = tokens[at].range.start..tokens[at + used - 1].range.end;
            match in_context(row, &tokens[at + used..], &range, label, strength) {
                Some(Judged { label, strength, more }) => {
                    let used = used + more;
                    let range = range.start..tokens[at + used - 1].range.end;
                    anchors.push(Anchor {
                        label,
                        strength,
                        row: index,
                        rect: row.rect_of(&range),
                        range,
                    });
                    at += used;
                }
                None => at += 1,
            }
        }
    }
    anchors
}

/// The longest phrase that begins at a token: its number of tokens, its label and strength. Misread phrases are only tried if
/// no phrase matches exactly: `Facture FA-1` is not a misread `Facturé à`.
fn match_at(row: &Row, tokens: &[Token], at: usize) -> Option<(usize, Label, f32)> {
    let beginnings = beginnings(row, &tokens[at..]);
    let longest = |look_up: fn(&str) -> Option<(Label, f32)>| {
        let mut longest_first = beginnings.iter().enumerate().rev();
        longest_first.find_map(|(index, joined)| look_up(joined).map(|(label, strength)| (index + 1, label, strength)))
    };
    let exact = longest(|joined| phrases().get(joined).copied());
    if row.recognised {
        exact.or_else(|| longest(nearly))
    } else {
        exact
    }
}

/// The first token, the first two joined, and so on, within one cell and up to the length of the longest phrase.
fn beginnings(row: &Row, tokens: &[Token]) -> Vec<String> {
    let mut beginnings: Vec<String> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let next_cell = index > 0 && row.text[tokens[index - 1].range.end..token.range.start].contains('\t');
        let joined = format!("{}{}", beginnings.last().map_or("", String::as_str), token.folded);
        if next_cell || joined.len() > MAX_PHRASE + 1 {
            break;
        }
        beginnings.push(joined);
    }
    beginnings
}

/// The label of a long phrase in which OCR misread one letter.
fn nearly(joined: &str) -> Option<(Label, f32)> {
    if joined.len() < SHORTEST {
        return None;
    }
    let near = (joined.len() - 1..=joined.len() + 1)
        .flat_map(phrases_of_length)
        .filter(|p| p.text.len() >= SHORTEST && within_one_edit(p.text, joined));
    near.map(|p| (p.label, p.strength * MISREAD))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
}

/// A phrase judged by its context. `more`: the number of further tokens that belong to it.
struct Judged {
    label: Label,
    strength: f32,
    more: usize,
}

/// Judges a phrase by its context: `Total excl. VAT` is no total, and `Lieferant GmbH` is a name, not a label.
fn in_context(row: &Row, next: &[Token], range: &Range<usize>, label: Label, strength: f32) -> Option<Judged> {
    let stands = match label {
        Label::Total | Label::AmountDue | Label::NetTotal | Label::Subtotal => {
            return Some(qualified(row, next, range, label, strength));
        }
        Label::DocumentDate | Label::OtherDate if range.len() <= SHORT_DATE_LABEL => {
            next.first().is_some_and(|t| t.is_number)
        }
        _ if label.is_party() => heads_a_cell(row, range),
        _ => true,
    };
    stands.then_some(Judged {
        label,
        strength,
        more: 0,
    })
}

/// Words after a total state what it is the total of: `Total incl. GST` stays a total, `Total excl. GST` is a net, `Total GST`
/// a tax. These words, and rates, become part of the label, so that the `GST` of `Total incl. GST` does not claim the amount.
fn qualified(row: &Row, next: &[Token], range: &Range<usize>, label: Label, strength: f32) -> Judged {
    let mut judged = Judged {
        label,
        strength,
        more: 0,
    };
    let mut strongest: Option<&Qualifier> = None;
    let mut end = range.end;
    for (index, token) in next.iter().take(MOST_QUALIFIERS).enumerate() {
        if row.text[end..token.range.start].contains('\t') {
            break;
        }
        end = token.range.end;
        if token.is_number {
            if !row.text[end..].trim_start().starts_with('%') {
                break;
            }
            if strongest.is_none() {
                judged.strength *= OF_ONE_RATE;
            }
            continue;
        }
        if let Some(qualifier) = Qualifier::of(&token.folded) {
            judged.more = index + 1;
            if strongest.is_none_or(|s| qualifier.rank > s.rank) {
                strongest = Some(qualifier);
            }
        }
    }
    if let Some(qualifier) = strongest {
        judged.strength = (judged.strength + qualifier.by).clamp(LEAST_QUALIFIED, 1.0);
        judged.label = match qualifier.becomes {
            Some(other) => other,
            None if matches!(label, Label::Subtotal | Label::NetTotal) => Label::Total,
            None => label,
        };
    }
    judged
}

/// Whether a word begins a cell and is followed by nothing, or by a colon or slash.
fn heads_a_cell(row: &Row, range: &Range<usize>) -> bool {
    let before = row.text[..range.start].trim_end_matches([' ', '(', '*', '-']);
    let after = row.text[range.end..].trim_start_matches([' ', ')', '.']);
    (before.is_empty() || before.ends_with(['\t', '/']))
        && (after.is_empty() || after.starts_with(['\t', ':', '/', '(']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::lines::rows;
    use crate::sample::page;

    fn labels(text: &str) -> Vec<Label> {
        find(&rows(&[page(&[(10.0, 10.0, text)])]))
            .into_iter()
            .map(|a| a.label)
            .collect()
    }

    #[test]
    fn qualifiers_change_what_a_total_is() {
        for (text, want) in [
            ("TOTAL", Label::Total),
            ("Total incl. 6% GST", Label::Total),
            ("Total (excl. GST)", Label::Net),
            ("Total GST 6%", Label::Tax),
            ("Total Sales (Inclusive of GST! :", Label::Total),
            ("TOTAL (GST INCL)", Label::Total),
            ("Total (ExcludingGST)", Label::Net),
            ("TOTAL GST PAYABLE", Label::Tax),
            ("TOTAL QTY", Label::OtherAmount),
            ("Total HT", Label::Net),
            ("Gesamtbetrag der Zuschläge", Label::OtherAmount),
            ("Sub-Total", Label::Subtotal),
            ("Zwischensumme", Label::Subtotal),
        ] {
            assert_eq!(labels(text), [want], "{text}");
        }
    }

    #[test]
    fn the_longest_phrase_wins() {
        assert_eq!(labels("Rechnungsdatum"), [Label::DocumentDate]);
        assert_eq!(labels("Rechnungs-Nr."), [Label::DocumentNumber]);
        assert_eq!(labels("K A S S E N B O N"), [Label::Title]);
        assert_eq!(labels("Date of issue"), [Label::DocumentDate]);
    }

    #[test]
    fn a_party_label_heads_its_cell() {
        assert_eq!(labels("Lieferant:"), [Label::Seller]);
        assert_eq!(labels("Lieferant GmbH"), []);
        assert_eq!(labels("LE CLIENT"), []);
    }
}
