//! The seller's VAT id and bank account, and the document's currency.

use crate::confidence::first_best;
use crate::evidence::anchors::Label;
use crate::evidence::layout::{Candidate, Layout, Place};
use crate::evidence::parties::party_of;
use crate::values::currency;
use crate::values::iban;
use crate::values::text::tokens;
use crate::values::vat;
use crate::values::vat::Check;
use queue_schema::document::Field;
use std::collections::HashMap;

// What is added for a VAT id or an account and taken off it, in shares of confidence.

/// A VAT id whose check digits agree, one of a country without a known rule, and one whose digits disagree.
const VAT_PASSED: f32 = 0.75;
const VAT_UNKNOWN: f32 = 0.4;
const VAT_FAILED: f32 = 0.15;
/// A label of VAT.
const VAT_LABEL: f32 = 0.2;
/// An account whose check digits agree, and one whose digits disagree.
const ACCOUNT_VALID: f32 = 0.8;
const ACCOUNT_INVALID: f32 = 0.1;
/// A label of an IBAN.
const ACCOUNT_LABEL: f32 = 0.15;
/// Taken off after `your`, in the buyer's block, and in that of another party.
const YOURS: f32 = 0.4;
const BUYERS: f32 = 0.3;
const OTHERS: f32 = 0.15;
/// The evidence that either needs. A VAT id with a wrong checksum has less in the buyer's block, and an account with one has
/// less without a label.
const LEAST: f32 = 0.12;
/// The strength of a link that makes a value a labelled one.
const GOVERNED: f32 = 0.4;

// Votes for a currency.

/// Each mention.
const MENTION: f32 = 1.0;
/// Added for a mention under a label.
const LABELLED: f32 = 6.0;
/// Added for a mention on the row of the total.
const BESIDE_TOTAL: f32 = 3.0;
/// The votes for no currency at all. A single mention may be incidental.
const DOUBT: f32 = 0.5;

/// The seller's VAT id: it has a valid checksum and a label, and is not in the buyer's block.
pub fn vat_id(layout: &Layout) -> Option<Field> {
    let found = layout.candidates(|row| {
        let accounts = iban::find(&row.text);
        let ids = vat::find(&row.text).into_iter();
        let free = ids.filter(|id| {
            !accounts
                .iter()
                .any(|a| a.range.start < id.range.end && id.range.start < a.range.end)
        });
        free.map(|f| (f.value, f.range)).collect()
    });
    let scored = found.iter().map(|c| (c, weigh_vat(layout, c)));
    let (best, score) = first_best(scored, LEAST)?;
    Some(layout.field("vat_id", best.value.number.clone(), &best.place, score))
}

fn weigh_vat(layout: &Layout, candidate: &Candidate<vat::VatId>) -> f32 {
    let checked = match candidate.value.check {
        Check::Passed => VAT_PASSED,
        Check::Unknown => VAT_UNKNOWN,
        Check::Failed => VAT_FAILED,
    };
    // `VAT` alone labels a tax amount too, so both kinds of label count here.
    let labelled = labelled(layout, &candidate.place, &[Label::VatId, Label::Tax]);
    checked + if labelled { VAT_LABEL } else { 0.0 } - buyers(layout, &candidate.place)
}

/// The bank account to pay to.
pub fn account(layout: &Layout) -> Option<Field> {
    let found = layout.candidates(|row| iban::find(&row.text).into_iter().map(|f| (f.value, f.range)).collect());
    let scored = found.iter().map(|c| {
        let checked = if c.value.valid { ACCOUNT_VALID } else { ACCOUNT_INVALID };
        let labelled = if labelled(layout, &c.place, &[Label::Iban]) {
            ACCOUNT_LABEL
        } else {
            0.0
        };
        (c, checked + labelled - buyers(layout, &c.place))
    });
    let (best, score) = first_best(scored, LEAST)?;
    Some(layout.field("iban", best.value.number.clone(), &best.place, score))
}

fn labelled(layout: &Layout, place: &Place, labels: &[Label]) -> bool {
    layout
        .links(place, &[], |l| labels.contains(&l))
        .iter()
        .any(|l| l.score > GOVERNED)
}

fn buyers(layout: &Layout, place: &Place) -> f32 {
    if says_yours(&layout.rows[place.row].text[..place.range.start]) {
        return YOURS;
    }
    match party_of(layout, place) {
        Some(party) if party.label == Label::Buyer => BUYERS,
        Some(party) if party.label == Label::OtherParty => OTHERS,
        _ => 0.0,
    }
}

/// `Ihre USt-IdNr.`, `Your VAT no.`: an invoice addresses its buyer.
fn says_yours(before: &str) -> bool {
    const WORDS: [&str; 10] = [
        "ihre", "your", "votre", "vos", "client", "customer", "kunde", "kunden", "nabywca", "klant",
    ];
    let label = before.rsplit('\t').next().unwrap_or_default();
    tokens(label).iter().any(|t| WORDS.contains(&t.folded.as_str()))
}

/// The currency stated most often. A mention beside the total or under a label counts more.
pub fn currency_of(layout: &Layout, total: Option<&Place>) -> Option<Field> {
    let found = layout.candidates(|row| {
        currency::find(&row.text)
            .into_iter()
            .map(|f| (f.value, f.range))
            .collect()
    });
    let mut votes: HashMap<&str, (f32, &Candidate<&'static str>)> = HashMap::new();
    for candidate in &found {
        let place = &candidate.place;
        let mut vote = MENTION;
        if labelled(layout, place, &[Label::Currency]) {
            vote += LABELLED;
        }
        if total.is_some_and(|t| t.row == place.row) {
            vote += BESIDE_TOTAL;
        }
        let entry = votes.entry(candidate.value).or_insert((0.0, candidate));
        entry.0 += vote;
    }
    let all: f32 = votes.values().map(|v| v.0).sum();
    let best = votes.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0).then(b.0.cmp(a.0)))?;
    let (code, (vote, candidate)) = best;
    // The confidence grows with the number of votes and with their agreement.
    let confidence = vote / all * (vote / (vote + DOUBT));
    Some(layout.field("currency", (*code).to_owned(), &candidate.place, confidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::lines;

    #[test]
    fn the_sellers_not_the_buyers() {
        let layout = Layout::new(&[lines(
            "Verkäufer:\nAlpha GmbH\nUSt-IdNr. DE136695976\n\n\nKäufer:\nBeta GmbH\nUSt-IdNr. DE129273398",
        )]);
        assert_eq!(vat_id(&layout).map(|f| f.value).as_deref(), Some("DE136695976"));
    }

    #[test]
    fn your_number_is_the_buyers() {
        let layout = Layout::new(&[lines("Ihre USt-IdNr. DE136695976\n\n\nUnsere USt-IdNr. DE129273398")]);
        assert_eq!(vat_id(&layout).map(|f| f.value).as_deref(), Some("DE129273398"));
    }

    #[test]
    fn an_account_is_no_vat_id() {
        let layout = Layout::new(&[lines("IBAN PL61 1090 1014 0000 0712 1981 2874")]);
        assert!(vat_id(&layout).is_none());
        assert_eq!(
            account(&layout).map(|f| f.value).as_deref(),
            Some("PL61109010140000071219812874")
        );
    }

    #[test]
    fn the_labelled_currency_wins() {
        let layout = Layout::new(&[lines("Währung: USD\nTotal 12,00 €\nNetto 10,00 €")]);
        assert_eq!(currency_of(&layout, None).map(|f| f.value).as_deref(), Some("USD"));
    }
}
