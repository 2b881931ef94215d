//! Net, tax and total: every amount is weighed for each role by its labels, then arithmetic decides among the likely.

use super::amounts::{self, Shape};
use super::anchors::Label;
use super::board::{Board, Candidate, Place};
use super::currency;

/// What distinguishes a kind of document's amounts.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// `Net total` is what is paid (receipts) rather than the amount before tax (invoices).
    pub net_total_is_paid: bool,
    /// The total may be rounded to the next five cents after tax.
    pub cash_rounding: bool,
}

/// An amount with what its labels and place say for each role; higher is likelier, 0 is no evidence.
#[derive(Debug, Clone)]
pub struct Weighed {
    pub cents: i64,
    pub place: Place,
    pub total: f32,
    pub net: f32,
    pub tax: f32,
    cash: f32,
    change: f32,
    prepaid: f32,
    /// Paid with no label of its own: the largest labelled sums of the document.
    due: f32,
}

/// The amounts chosen, each with a confidence.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    pub net: Option<(Weighed, f32)>,
    pub tax: Option<(Weighed, f32)>,
    pub total: Option<(Weighed, f32)>,
}

/// Reads the sums of a document.
pub fn sums(board: &Board, habits: Habits) -> Sums {
    let weighed = weigh(board, habits);
    choose(&weighed, habits)
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
            | Label::Cash
            | Label::Change
            | Label::OtherAmount
    )
}

fn weigh(board: &Board, habits: Habits) -> Vec<Weighed> {
    let found = board.candidates(|row| {
        let money = currency::find(&row.text);
        let beside = |range: &std::ops::Range<usize>| {
            money
                .iter()
                .any(|m| m.range.end.abs_diff(range.start) <= 1 || m.range.start.abs_diff(range.end) <= 1)
        };
        let mentions = amounts::find(&row.text);
        let kept = mentions.into_iter().filter(|f| match f.value.shape {
            Shape::Money => true,
            Shape::Whole => beside(&f.range),
            Shape::Measure => false,
        });
        kept.map(|f| (f.value, f.range)).collect()
    });
    let peers: Vec<Place> = found.iter().map(|c| c.place.clone()).collect();
    let last = board.rows.len().max(1) as f32;
    found
        .iter()
        .map(|candidate| weigh_one(board, candidate, &peers, habits, last))
        .collect()
}

fn weigh_one(
    board: &Board,
    candidate: &Candidate<amounts::Mention>,
    peers: &[Place],
    habits: Habits,
    last: f32,
) -> Weighed {
    let place = &candidate.place;
    let mut weighed = Weighed {
        cents: candidate.value.amount.cents,
        place: place.clone(),
        total: 0.0,
        net: 0.0,
        tax: 0.0,
        cash: 0.0,
        change: 0.0,
        prepaid: 0.0,
        due: 0.0,
    };
    let mut other: f32 = 0.0;
    for link in board
        .links(place, peers, is_money_label)
        .into_iter()
        .chain(wrapped(board, place, peers))
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
            _ => &mut other,
        };
        *role = role.max(link.score);
    }
    // Sums stand in the lower part of the document.
    let depth = place.row as f32 / last;
    let late = 0.85 + 0.15 * depth;
    let against = 0.5 * other.max(weighed.change);
    for role in [&mut weighed.total, &mut weighed.net, &mut weighed.tax, &mut weighed.due] {
        *role = (*role * late - against).max(0.0);
    }
    weighed
}

/// A label whose amount slipped to the next row, which then holds no label of its own.
fn wrapped<'b>(board: &'b Board, place: &Place, peers: &[Place]) -> Option<super::board::Link<'b>> {
    let above = place.row.checked_sub(1)?;
    let row = &board.rows[place.row];
    let bare = !row.text.chars().any(|c| c.is_alphabetic());
    let free = !peers.iter().any(|p| p.row == above);
    let near = board.rows[above].page == row.page && place.rect.y0 - board.rows[above].rect.y1 < 1.5 * row.height();
    if !(bare && free && near) {
        return None;
    }
    let anchor = board.anchors_of(above).iter().rev().find(|a| is_money_label(a.label))?;
    Some(super::board::Link {
        anchor,
        score: 0.65 * anchor.strength,
    })
}

/// How many candidates of each role enter the search: 12³ combinations at most.
const LIKELIEST: usize = 12;

fn likeliest<'w>(weighed: &'w [Weighed], role: impl Fn(&Weighed) -> f32) -> Vec<(&'w Weighed, f32)> {
    let mut ranked: Vec<_> = weighed
        .iter()
        .map(|w| (w, role(w)))
        .filter(|(_, score)| *score > 0.05)
        .collect();
    // Of equals the later one: totals repeat below their details.
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.place.row.cmp(&a.0.place.row)));
    ranked.truncate(LIKELIEST);
    ranked
}

/// The combination of net, tax and total with the most evidence, where agreement of the arithmetic is evidence too.
fn choose(weighed: &[Weighed], habits: Habits) -> Sums {
    let evidence = Evidence::of(weighed);
    let totals = likeliest(weighed, |w| evidence.total(w));
    let nets = likeliest(weighed, |w| w.net);
    let taxes = likeliest(weighed, |w| w.tax);
    let mut best = Sums::default();
    let mut best_score = 0.0;
    for total in with_none(&totals) {
        for net in with_none(&nets) {
            for tax in with_none(&taxes) {
                let Some(score) = agreement(total, net, tax, habits) else {
                    continue;
                };
                if score > best_score {
                    best_score = score;
                    best = Sums {
                        net: confident(net, &score),
                        tax: confident(tax, &score),
                        total: confident(total, &score),
                    };
                }
            }
        }
    }
    best
}

type Choice<'w> = Option<(&'w Weighed, f32)>;

fn with_none<'w, 'v>(ranked: &'v [(&'w Weighed, f32)]) -> impl Iterator<Item = Choice<'w>> + use<'w, 'v> {
    std::iter::once(None).chain(ranked.iter().copied().map(Some))
}

fn confident(choice: Choice<'_>, score: &f32) -> Option<(Weighed, f32)> {
    choice.map(|(weighed, own)| (weighed.clone(), (0.35 + 0.3 * own + 0.1 * score).min(0.98)))
}

/// The score of a combination; `None` for one that cannot be.
fn agreement(total: Choice<'_>, net: Choice<'_>, tax: Choice<'_>, habits: Habits) -> Option<f32> {
    let own: f32 = [(total, 1.3), (net, 0.5), (tax, 0.5)]
        .iter()
        .map(|(c, w)| c.map_or(0.0, |(_, s)| s * w))
        .sum();
    let cents = |c: Choice<'_>| c.map(|(w, _)| w.cents);
    let slack = if habits.cash_rounding { 5 } else { 2 };
    let same_place =
        |a: Choice<'_>, b: Choice<'_>| matches!((a, b), (Some((a, _)), Some((b, _))) if a.place == b.place);
    if same_place(total, net) || same_place(total, tax) || same_place(net, tax) {
        return None;
    }
    match (cents(total), cents(net), cents(tax)) {
        (Some(total), Some(net), Some(tax)) => {
            if (net + tax - total).abs() <= slack {
                return Some(own + if tax == 0 { 0.3 } else { 0.9 });
            }
            // The three contradict each other: leaving one out is better.
            Some(own - 0.8)
        }
        (Some(total), Some(net), None) => {
            let plausible = net.abs() <= total.abs() + slack && net.abs() * 2 >= total.abs();
            Some(own - if plausible { 0.0 } else { 0.6 })
        }
        (Some(total), None, Some(tax)) => {
            let plausible = tax.abs() * 3 <= total.abs() + slack;
            Some(own - if plausible { 0.0 } else { 0.6 })
        }
        (None, Some(net), Some(tax)) => Some(own - if tax.abs() * 3 <= net.abs() { 0.0 } else { 0.6 }),
        _ => Some(own),
    }
}

/// What the whole document's amounts say about the total.
struct Evidence {
    /// Totals that other amounts add up to: cash less change, amount due plus prepaid.
    sums: Vec<i64>,
    /// How often each amount is stated.
    counts: std::collections::HashMap<i64, usize>,
}

impl Evidence {
    fn of(weighed: &[Weighed]) -> Evidence {
        let strong = |role: fn(&Weighed) -> f32| weighed.iter().filter(move |w| role(w) > 0.4);
        let mut sums = Vec::new();
        for cash in strong(|w| w.cash).take(8) {
            for change in strong(|w| w.change).take(8) {
                sums.push(cash.cents - change.cents);
            }
        }
        for due in strong(|w| w.due).take(8) {
            for prepaid in strong(|w| w.prepaid).take(8) {
                sums.push(due.cents + prepaid.cents.abs());
            }
        }
        let mut counts = std::collections::HashMap::new();
        for w in weighed {
            *counts.entry(w.cents).or_default() += 1;
        }
        Evidence { sums, counts }
    }

    fn total(&self, w: &Weighed) -> f32 {
        let labelled = w
            .total
            .max(0.85 * w.due)
            .max(if w.change == 0.0 { 0.35 * w.cash } else { 0.0 });
        if labelled <= 0.0 || w.cents == 0 {
            return if w.cents == 0 { 0.3 * labelled } else { 0.0 };
        }
        let added = if self.sums.contains(&w.cents) { 0.35 } else { 0.0 };
        let repeated = 0.05 * (self.counts.get(&w.cents).copied().unwrap_or(1).min(4) - 1) as f32;
        labelled + added + repeated
    }
}
