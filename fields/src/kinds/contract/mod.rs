//! Contracts: the parties, the effective date, the duration and the governing law. Read from the running text, because the
//! wording of English and German contracts is much the same everywhere.

mod jurisdiction;
mod party;
mod period;
mod prose;

use crate::FieldExtractor;
use crate::values::dates::{self, Order};
use prose::Prose;
use queue_schema::document::{Field, Page};
use std::ops::Range;

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
    let mut best: Option<(&crate::values::text::Found<dates::Mention>, f32)> = None;
    for mention in &found {
        let score = weigh_date(prose, &mention.range);
        if score > best.map_or(0.25, |(_, s)| s + 1e-4) {
            best = Some((mention, score));
        }
    }
    best.map(|(mention, score)| {
        prose.field(
            "effective_date",
            mention.value.read(order).to_string(),
            &mention.range,
            (0.3 + 0.5 * score).min(0.95),
        )
    })
}

fn weigh_date(prose: &Prose, range: &Range<usize>) -> f32 {
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
    let before = prose.before(range, 70).to_lowercase();
    let after = prose.after(range, 40).to_lowercase();
    let context: f32 = BEFORE
        .iter()
        .filter(|(words, _)| before.contains(words))
        .map(|(_, w)| w)
        .sum();
    let named = if after.contains("effective date") || after.contains("inkrafttreten") {
        0.6
    } else {
        0.0
    };
    // A contract states its date in its first lines, or beside the signatures.
    let at = range.start as f32 / prose.text.len().max(1) as f32;
    let early = if range.start < 1500 {
        0.35
    } else if !(0.2..=0.9).contains(&at) {
        0.1
    } else {
        0.0
    };
    context.min(1.0) + named + early
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
