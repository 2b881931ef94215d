//! Contracts: the parties, the effective date, the duration and the governing law. Read from the running text, because the
//! wording of English and German contracts is much the same everywhere.

mod jurisdiction;
mod party;
mod period;
mod prose;

use crate::FieldExtractor;
use crate::confidence::{Scale, first_best};
use crate::values::dates::{self, Order};
use prose::Prose;
use queue_schema::document::{Field, Page};
use std::ops::{Range, RangeInclusive};

// The evidence that a date is the effective one, in shares of confidence.

/// Wordings before a date, and the evidence that each adds.
const BEFORE: [(&str, f32); 19] = [
    ("effective", 0.7),
    ("as of", 0.45),
    ("dated", 0.4),
    ("entered into", 0.45),
    ("made", 0.3),
    ("executed", 0.3),
    ("commenc", 0.4),
    ("on this", 0.3),
    ("this", 0.15),
    ("in kraft", 0.6),
    ("mit wirkung", 0.6),
    ("beginnt am", 0.5),
    ("ab dem", 0.3),
    ("vom", 0.25),
    ("geschlossen", 0.4),
    ("expire", -0.7),
    ("terminat", -0.5),
    ("until", -0.6),
    ("born", -0.8),
];
/// The most that they add together.
const MOST_BEFORE: f32 = 1.0;
/// Defined as the effective date right after it.
const NAMED: f32 = 0.6;
/// In the contract's first lines, and elsewhere near its start or beside the signatures: where a contract states its date.
const IN_OPENING: f32 = 0.35;
const AT_EDGE: f32 = 0.1;
/// The evidence that an effective date needs.
const LEAST: f32 = 0.25;
/// The confidence that its evidence gives.
const CONFIDENCE: Scale = Scale {
    start: 0.3,
    rise: 0.5,
    most: 0.95,
};
/// The text that is looked at before and after a date, in bytes.
const TEXT_BEFORE: usize = 70;
const TEXT_AFTER: usize = 40;
/// The first lines, in bytes.
const OPENING: usize = 1500;
/// What is neither near the start nor beside the signatures, as shares of the text.
const MIDDLE: RangeInclusive<f32> = 0.2..=0.9;

#[derive(Debug, Clone, Copy)]
pub struct Contracts;

impl FieldExtractor for Contracts {
    fn extract(&self, pages: &[Page]) -> Vec<Field> {
        let prose = Prose::new(pages);
        let mut fields = party::parties(&prose);
        fields.extend(effective_date(&prose));
        fields.extend(period::term(&prose));
        fields.extend(jurisdiction::jurisdiction(&prose));
        fields
    }
}

/// The effective date: stated as such, or else the date on which the contract was made.
fn effective_date(prose: &Prose) -> Option<Field> {
    let found = dates::find(&prose.text);
    let order = dates::shown_order(found.iter().map(|f| f.value)).unwrap_or(Order::MonthFirst);
    let weighed = found.iter().map(|mention| (mention, weigh_date(prose, &mention.range)));
    first_best(weighed, LEAST).map(|(mention, score)| {
        prose.field(
            "effective_date",
            mention.value.read(order).to_string(),
            &mention.range,
            CONFIDENCE.of(score),
        )
    })
}

fn weigh_date(prose: &Prose, range: &Range<usize>) -> f32 {
    let before = prose.before(range, TEXT_BEFORE).to_lowercase();
    let after = prose.after(range, TEXT_AFTER).to_lowercase();
    let context: f32 = BEFORE
        .iter()
        .filter(|(words, _)| before.contains(words))
        .map(|(_, w)| w)
        .sum();
    let named = if after.contains("effective date") || after.contains("inkrafttreten") {
        NAMED
    } else {
        0.0
    };
    let at = range.start as f32 / prose.text.len().max(1) as f32;
    let early = if range.start < OPENING {
        IN_OPENING
    } else if !MIDDLE.contains(&at) {
        AT_EDGE
    } else {
        0.0
    };
    context.min(MOST_BEFORE) + named + early
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::lines;

    fn values(text: &str) -> Vec<(String, String)> {
        Contracts
            .extract(&[lines(text)])
            .into_iter()
            .map(|f| (f.label, f.value))
            .collect()
    }

    fn pair(label: &str, value: &str) -> (String, String) {
        (label.to_owned(), value.to_owned())
    }

    #[test]
    fn an_english_contract() {
        let text = "MUTUAL NON-DISCLOSURE AGREEMENT\n\
            This Agreement is made effective as of March 5, 2024 (the “Effective Date”)\n\
            by and between Alpha Widgets, Inc., a Delaware corporation (“Alpha”), and\n\
            Jane Q. Roe, an individual (“Recipient”).\n\
            1. Term. This Agreement shall remain in force for a period of three (3) years\n\
            from the Effective Date. Section 2 was amended on January 7, 2020.\n\
            2. Law. This Agreement shall be governed by and construed in accordance with\n\
            the laws of the State of New York.";
        assert_eq!(
            values(text),
            [
                pair("party", "Alpha Widgets, Inc."),
                pair("party", "Jane Q. Roe"),
                pair("effective_date", "2024-03-05"),
                pair("term", "3 years"),
                pair("jurisdiction", "New York"),
            ]
        );
    }

    #[test]
    fn a_german_contract() {
        let text = "Dienstleistungsvertrag\n\
            zwischen der Alpha Werkzeugbau GmbH, Weg 1, 12345 Ort (nachfolgend „Auftraggeber“)\n\
            und der Beta Service AG, Platz 2, 54321 Stadt (nachfolgend „Auftragnehmer“)\n\
            Der Vertrag tritt am 1. April 2025 in Kraft und hat eine Laufzeit von 24 Monaten.\n\
            Es gilt das Recht der Bundesrepublik Deutschland.";
        assert_eq!(
            values(text),
            [
                pair("party", "Alpha Werkzeugbau GmbH"),
                pair("party", "Beta Service AG"),
                pair("effective_date", "2025-04-01"),
                pair("term", "24 months"),
                pair("jurisdiction", "Germany"),
            ]
        );
    }

    #[test]
    fn other_texts_have_no_terms() {
        assert_eq!(values("Dear Sir, thank you for the lovely evening."), []);
        assert_eq!(Contracts.extract(&[]), []);
    }
}
