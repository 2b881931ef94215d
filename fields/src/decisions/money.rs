//! Weighs every amount of a document by its labels for each possible role: net, tax, total, cash, change.

use crate::evidence::anchors::Label;
use crate::evidence::layout::{Candidate, Layout, Place, in_row};
use crate::values::amounts::{self, Shape};
use crate::values::currency;

// What changes the strength of an amount's label, in shares of it.

/// What is left of it at the start of the document, and what is added at the end. Sums are in the lower part.
const EARLY: f32 = 0.85;
const LATE: f32 = 0.15;
/// Taken off for a label of something that is no sum, times the strength of that label.
const OTHER_LABEL: f32 = 0.5;
/// What is left of it for an amount that wrapped to the next row.
const WRAPPED: f32 = 0.65;
/// How far below its label's row a wrapped amount may be, in heights of its own row.
const WRAPPED_REACH: f32 = 1.5;
/// Letters that a wrapped amount may have beside it: a currency.
const WRAPPED_LETTERS: usize = 3;
/// Most bytes between a whole number and the currency that makes it an amount.
const BESIDE: usize = 1;

/// How the amounts of a kind of document differ from others.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Whether `Net total` is the amount to pay (receipts) or the amount before tax (invoices).
    pub net_total_is_paid: bool,
    /// The total may be rounded to the next five cents after tax.
    pub cash_rounding: bool,
}

/// An amount with the evidence for each role from its labels and place. Higher is likelier, 0 is no evidence.
#[derive(Debug, Clone)]
pub struct Weighed {
    pub cents: i64,
    pub place: Place,
    /// Whether it was read by OCR and may be misread.
    pub recognised: bool,
    pub total: f32,
    pub net: f32,
    pub tax: f32,
    pub cash: f32,
    pub change: f32,
    pub prepaid: f32,
    pub rounding: f32,
    /// The amount still to pay, after prepayments.
    pub due: f32,
}

fn is_money_label(label: Label) -> bool {
    matches!(
        label,
        Label::Total
            | Label::AmountDue
            | Label::Net
            | Label::NetTotal
            | Label::Subtotal
            | Label::Tax
            | Label::Prepaid
            | Label::Rounding
            | Label::Cash
            | Label::Change
            | Label::OtherAmount
    )
}

/// Weighs all amounts of a document.
pub fn weigh(layout: &Layout, habits: Habits) -> Vec<Weighed> {
    let found = layout.candidates(|row| {
        let money = currency::find(&row.text);
        let beside = |range: &std::ops::Range<usize>| {
            money
                .iter()
                .any(|m| m.range.end.abs_diff(range.start) <= BESIDE || m.range.start.abs_diff(range.end) <= BESIDE)
        };
        let mentions = row.read(amounts::find);
        let kept = mentions.into_iter().filter(|f| match f.value.shape {
            Shape::Money => true,
            Shape::Whole => beside(&f.range),
            Shape::Measure => false,
        });
        kept.map(|f| (f.value, f.range)).collect()
    });
    let peers: Vec<Place> = found.iter().map(|c| c.place.clone()).collect();
    let last = layout.rows.len().max(1) as f32;
    found
        .iter()
        .map(|candidate| weigh_one(layout, candidate, &peers, habits, last))
        .collect()
}

fn weigh_one(
    layout: &Layout,
    candidate: &Candidate<amounts::Mention>,
    peers: &[Place],
    habits: Habits,
    last: f32,
) -> Weighed {
    let place = &candidate.place;
    let mut weighed = Weighed {
        cents: candidate.value.amount.cents,
        recognised: layout.rows[place.row].recognised,
        place: place.clone(),
        total: 0.0,
        net: 0.0,
        tax: 0.0,
        cash: 0.0,
        change: 0.0,
        prepaid: 0.0,
        rounding: 0.0,
        due: 0.0,
    };
    let mut other: f32 = 0.0;
    for link in layout
        .links(place, peers, is_money_label)
        .into_iter()
        .chain(wrapped(layout, place, peers))
    {
        let role = match link.anchor.label {
            Label::Total => &mut weighed.total,
            Label::NetTotal if habits.net_total_is_paid => &mut weighed.total,
            Label::AmountDue => &mut weighed.due,
            Label::Net | Label::NetTotal | Label::Subtotal => &mut weighed.net,
            Label::Tax => &mut weighed.tax,
            Label::Cash => &mut weighed.cash,
            Label::Change => &mut weighed.change,
            Label::Prepaid => &mut weighed.prepaid,
            Label::Rounding => &mut weighed.rounding,
            _ => &mut other,
        };
        *role = role.max(link.score);
    }
    let depth = place.row as f32 / last;
    let late = EARLY + LATE * depth;
    let against = OTHER_LABEL * other.max(weighed.change).max(weighed.rounding);
    for role in [&mut weighed.total, &mut weighed.net, &mut weighed.tax, &mut weighed.due] {
        *role = (*role * late - against).max(0.0);
    }
    weighed
}

/// The label of an amount that wrapped to the next row, which then contains no label of its own.
fn wrapped<'b>(layout: &'b Layout, place: &Place, peers: &[Place]) -> Option<crate::evidence::layout::Link<'b>> {
    let above = place.row.checked_sub(1)?;
    let row = &layout.rows[place.row];
    let bare = row.text.chars().filter(|c| c.is_alphabetic()).count() <= WRAPPED_LETTERS;
    let free = in_row(peers, above).is_empty();
    let near = layout.rows[above].page == row.page
        && place.rect.y0 - layout.rows[above].rect.y1 < WRAPPED_REACH * row.height();
    if !(bare && free && near) {
        return None;
    }
    let anchor = layout
        .anchors_of(above)
        .iter()
        .rev()
        .find(|a| is_money_label(a.label))?;
    Some(crate::evidence::layout::Link {
        anchor,
        score: WRAPPED * anchor.strength,
    })
}
