//! The seller's VAT id and bank account, and the document's currency.

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
    let (best, score) = scored.fold(None, first_best)?;
    // With a wrong checksum, and in the buyer's block, it is certainly not the seller's.
    (score > 0.12).then(|| layout.field("vat_id", best.value.number.clone(), &best.place, score))
}

fn weigh_vat(layout: &Layout, candidate: &Candidate<vat::VatId>) -> f32 {
    let checked = match candidate.value.check {
        Check::Passed => 0.75,
        Check::Unknown => 0.4,
        Check::Failed => 0.15,
    };
    // `VAT` alone labels a tax amount too, so both kinds of label count here.
    let labelled = labelled(layout, &candidate.place, &[Label::VatId, Label::Tax]);
    checked + if labelled { 0.2 } else { 0.0 } - buyers(layout, &candidate.place)
}

/// The bank account to pay to.
pub fn account(layout: &Layout) -> Option<Field> {
    let found = layout.candidates(|row| iban::find(&row.text).into_iter().map(|f| (f.value, f.range)).collect());
    let scored = found.iter().map(|c| {
        let checked = if c.value.valid { 0.8 } else { 0.1 };
        let labelled = if labelled(layout, &c.place, &[Label::Iban]) {
            0.15
        } else {
            0.0
        };
        (c, checked + labelled - buyers(layout, &c.place))
    });
    let (best, score) = scored.fold(None, first_best)?;
    // A number with a wrong checksum and without an IBAN label is no IBAN.
    (score > 0.12).then(|| layout.field("iban", best.value.number.clone(), &best.place, score))
}

/// Keeps the first of the best: the seller's details come before the buyer's.
fn first_best<'c, T>(
    best: Option<(&'c Candidate<T>, f32)>,
    next: (&'c Candidate<T>, f32),
) -> Option<(&'c Candidate<T>, f32)> {
    match best {
        Some((_, score)) if next.1 <= score + 1e-4 => best,
        _ => Some(next),
    }
}

fn labelled(layout: &Layout, place: &Place, labels: &[Label]) -> bool {
    layout
        .links(place, &[], |l| labels.contains(&l))
        .iter()
        .any(|l| l.score > 0.4)
}

fn buyers(layout: &Layout, place: &Place) -> f32 {
    if says_yours(&layout.rows[place.row].text[..place.range.start]) {
        return 0.4;
    }
    match party_of(layout, place) {
        Some(party) if party.label == Label::Buyer => 0.3,
        Some(party) if party.label == Label::OtherParty => 0.15,
        _ => 0.0,
    }
}

/// `Ihre USt-IdNr.`, `Your VAT no.`: an invoice addresses its buyer.
fn says_yours(before: &str) -> bool {
    const BUYERS: [&str; 10] = [
        "ihre", "your", "votre", "vos", "client", "customer", "kunde", "kunden", "nabywca", "klant",
    ];
    let label = before.rsplit('\t').next().unwrap_or_default();
    tokens(label).iter().any(|t| BUYERS.contains(&t.folded.as_str()))
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
        let mut vote = 1.0;
        if labelled(layout, place, &[Label::Currency]) {
            vote += 6.0;
        }
        if total.is_some_and(|t| t.row == place.row) {
            vote += 3.0;
        }
        let entry = votes.entry(candidate.value).or_insert((0.0, candidate));
        entry.0 += vote;
    }
    let all: f32 = votes.values().map(|v| v.0).sum();
    let best = votes.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0).then(b.0.cmp(a.0)))?;
    let (code, (vote, candidate)) = best;
    // A single mention may be incidental, so the confidence grows with the number of votes and with their agreement.
    let confidence = vote / all * (vote / (vote + 0.5));
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
