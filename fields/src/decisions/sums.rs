//! Net, tax and total: arithmetic decides among the amounts that are likely by their labels.

use crate::confidence::{TIE, first_best};
use crate::decisions::derived_totals;
use crate::decisions::money::{self, Habits, Weighed};
use crate::decisions::tax_table::TaxTable;
use crate::evidence::layout::{Layout, Place};
use std::collections::HashMap;

// The evidence of one amount, in shares of confidence. The label of a total adds its strength.

/// The amount due, the amount paid and a net as totals, times the strength of their labels.
const DUE: f32 = 0.85;
const CASH: f32 = 0.3;
const NET: f32 = 0.35;
/// What is left of a label's strength for an amount of 0.
const ZERO: f32 = 0.3;
/// A labelled total that other amounts add up to, and one without a label.
const ADDED_UP: f32 = 0.45;
const ONLY_ADDED_UP: f32 = 0.3;
/// Each mention of an amount after the first. Up to `MOST_MENTIONS` count.
const REPEAT: f32 = 0.05;
const MOST_MENTIONS: usize = 4;
/// The evidence for a role that an amount needs to be added to others. Change with more is no total.
const STRONG: f32 = 0.4;
/// The evidence for a role that a candidate for it needs.
const LEAST: f32 = 0.05;

// What arithmetic adds to the evidence of several amounts, in shares of confidence.

/// A total with a net and a tax that add up to it.
const AGREES: f32 = 0.25;
/// A net and a tax that add up to the total, and a net that equals it beside a tax of 0.
const ADDS_UP: f32 = 1.0;
const UNTAXED: f32 = 0.2;
/// Three amounts that do not add up, and two that cannot belong together. It is better to leave one out.
const CONTRADICTS: f32 = -1.2;
const IMPLAUSIBLE: f32 = -0.9;
/// A tax is at most the total, or the net, divided by this.
const SUM_PER_TAX: i64 = 3;
/// A total is at most the net times this.
const TOTAL_PER_NET: i64 = 2;

// The confidence of a chosen amount.

/// Without any evidence.
const START: f32 = 0.3;
/// Added for its own evidence, which counts up to `MOST_OWN`.
const OWN: f32 = 0.4;
const MOST_OWN: f32 = 1.2;
/// Added if it agrees with the other amounts.
const CONFIRMED: f32 = 0.2;
/// The most, even with all the evidence.
const MOST: f32 = 0.98;

// Limits of the search.

/// Cents by which net plus tax may differ from the total, with the rounding of cash and without.
const CASH_SLACK: i64 = 5;
const SLACK: i64 = 2;
/// A document rounds its total by fewer cents.
const ROUNDING: i64 = 10;
/// Amounts of each role to add to others.
const MOST_ADDED: usize = 8;
/// Candidates of each role: at most 12³ combinations.
const LIKELIEST: usize = 12;

/// A document's net, tax and total.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    pub net: Option<Sum>,
    pub tax: Option<Sum>,
    pub total: Option<Sum>,
}

#[derive(Debug, Clone)]
pub struct Sum {
    pub cents: i64,
    /// Its place: that of one amount, or of those that it is the sum of. Never empty.
    pub places: Vec<Place>,
    pub confidence: f32,
}

/// Reads the sums of a document.
pub fn sums(layout: &Layout, habits: Habits) -> Sums {
    let weighed = money::weigh(layout, habits);
    let mut chosen = choose(&weighed, habits);
    derived_totals::correct(&mut chosen, &weighed);
    let sum = |(weighed, confidence): (Weighed, f32)| Sum {
        cents: weighed.cents,
        places: vec![weighed.place],
        confidence,
    };
    let mut sums = Sums {
        net: chosen.net.map(sum),
        tax: chosen.tax.map(sum),
        total: chosen.total.map(sum),
    };
    settle(&mut sums, layout, &weighed, slack(habits));
    sums
}

/// Takes net and tax from the table of tax rates that adds up to the total. By labels alone, all rows of the table are equally
/// likely, and a row's gross amount may be taken for the net.
fn settle(sums: &mut Sums, layout: &Layout, weighed: &[Weighed], slack: i64) {
    let Some(total) = &mut sums.total else { return };
    let Some(table) = TaxTable::adding_up_to(layout, total.cents, slack) else {
        return;
    };
    total.confidence = total.confidence.max(table.tax.confidence);
    // A table without nets still shows which labelled amount can be the net, if any.
    let net = table.net.or_else(|| {
        let implied = |w: &&Weighed| (w.cents + table.tax.cents - total.cents).abs() <= slack;
        let (net, own) = likeliest(weighed, |w| w.net).into_iter().find(|(w, _)| implied(w))?;
        Some(Sum {
            cents: net.cents,
            places: vec![net.place.clone()],
            confidence: confidence(own, true),
        })
    });
    match net {
        Some(net) => confirm(&mut sums.net, net),
        None => sums.net = None,
    }
    confirm(&mut sums.tax, table.tax);
}

/// Replaces the chosen sum by the found one. A sum that the document states itself keeps its place.
fn confirm(chosen: &mut Option<Sum>, found: Sum) {
    match chosen {
        Some(sum) if sum.cents == found.cents => sum.confidence = sum.confidence.max(found.confidence),
        _ => *chosen = Some(found),
    }
}

/// The amounts chosen by their labels, each with a confidence.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    pub net: Option<(Weighed, f32)>,
    pub tax: Option<(Weighed, f32)>,
    pub total: Option<(Weighed, f32)>,
}

fn slack(habits: Habits) -> i64 {
    if habits.cash_rounding { CASH_SLACK } else { SLACK }
}

/// A candidate for a role and its evidence.
type Ranked<'w> = (&'w Weighed, f32);

fn likeliest(weighed: &[Weighed], role: impl Fn(&Weighed) -> f32) -> Vec<Ranked<'_>> {
    let mut ranked: Vec<_> = weighed
        .iter()
        .map(|w| (w, role(w)))
        .filter(|(_, score)| *score > LEAST)
        .collect();
    // Of equals the later one, because totals are repeated below their details.
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.place.row.cmp(&a.0.place.row)));
    ranked.truncate(LIKELIEST);
    ranked
}

/// Chooses the total, supported by a net and a tax that add up to it, and then the net and tax that fit it best. The total
/// comes first because receipts with several rates state net and tax per rate.
fn choose(weighed: &[Weighed], habits: Habits) -> Chosen {
    let evidence = Evidence::of(weighed);
    let nets = likeliest(weighed, |w| w.net);
    let taxes = likeliest(weighed, |w| w.tax);
    let slack = slack(habits);
    let totals = likeliest(weighed, |w| evidence.total(w)).into_iter().map(|total| {
        let pair = best_pair(&nets, &taxes, Some(total.0), slack);
        let bonus = if pair.is_some_and(|p| p.agrees) { AGREES } else { 0.0 };
        ((total, pair), total.1 + bonus)
    });
    let best = first_best(totals, f32::NEG_INFINITY);
    let pair = match &best {
        Some(((_, pair), _)) => *pair,
        None => best_pair(&nets, &taxes, None, slack),
    };
    let agrees = pair.is_some_and(|p| p.agrees);
    let confident = |(weighed, own): Ranked<'_>| (weighed.clone(), confidence(own, agrees));
    Chosen {
        net: pair.and_then(|p| p.net).map(confident),
        tax: pair.and_then(|p| p.tax).map(confident),
        total: best.map(|((total, _), _)| confident(total)),
    }
}

/// Combines an amount's own evidence and its agreement with the others into a confidence.
fn confidence(own: f32, agrees: bool) -> f32 {
    let confidence = START + OWN * own.min(MOST_OWN) + if agrees { CONFIRMED } else { 0.0 };
    confidence.min(MOST)
}

#[derive(Clone, Copy)]
struct Pair<'w> {
    net: Option<Ranked<'w>>,
    tax: Option<Ranked<'w>>,
    /// Whether net and tax, both not zero, add up to the total.
    agrees: bool,
}

/// The net and tax with the most evidence beside a total; either may be left out.
fn best_pair<'w>(nets: &[Ranked<'w>], taxes: &[Ranked<'w>], total: Option<&Weighed>, slack: i64) -> Option<Pair<'w>> {
    let mut best: Option<(Pair<'w>, f32)> = None;
    for net in std::iter::once(None).chain(nets.iter().copied().map(Some)) {
        for tax in std::iter::once(None).chain(taxes.iter().copied().map(Some)) {
            let places = [
                net.map(|(n, _)| &n.place),
                tax.map(|(t, _)| &t.place),
                total.map(|t| &t.place),
            ];
            if (places[0].is_some() && (places[0] == places[1] || places[0] == places[2]))
                || (places[1].is_some() && places[1] == places[2])
            {
                continue;
            }
            let (bonus, agrees) = agreement(
                net.map(|n| n.0.cents),
                tax.map(|t| t.0.cents),
                total.map(|t| t.cents),
                slack,
            );
            let score = net.map_or(0.0, |n| n.1) + tax.map_or(0.0, |t| t.1) + bonus;
            if best.as_ref().is_none_or(|(_, s)| score > s + TIE) {
                best = Some((Pair { net, tax, agrees }, score));
            }
        }
    }
    best.map(|(pair, _)| pair)
}

/// What arithmetic adds to the evidence of a combination, and whether it confirms the total.
fn agreement(net: Option<i64>, tax: Option<i64>, total: Option<i64>, slack: i64) -> (f32, bool) {
    match (net, tax, total) {
        (Some(net), Some(tax), Some(total)) if (net + tax - total).abs() <= slack => {
            if tax == 0 {
                (UNTAXED, false)
            } else {
                (ADDS_UP, true)
            }
        }
        (Some(_), Some(_), Some(_)) => (CONTRADICTS, false),
        (Some(net), None, Some(total))
            if net.abs() > total.abs() + slack || net.abs() * TOTAL_PER_NET < total.abs() =>
        {
            (IMPLAUSIBLE, false)
        }
        (None, Some(tax), Some(total)) if tax.abs() * SUM_PER_TAX > total.abs() + slack => (IMPLAUSIBLE, false),
        (Some(net), Some(tax), None) if tax.abs() * SUM_PER_TAX > net.abs() => (IMPLAUSIBLE, false),
        _ => (0.0, false),
    }
}

/// What the whole document's amounts say about the total.
struct Evidence {
    /// Totals that other amounts add up to: cash less change, amount due plus prepaid. Each with the place of the first amount
    /// of its sum. That amount may equal the total (cash without change) and must not confirm itself.
    sums: Vec<(i64, Place)>,
    /// How often each amount is stated.
    counts: HashMap<i64, usize>,
}

impl Evidence {
    fn of(weighed: &[Weighed]) -> Evidence {
        let strong = |role: fn(&Weighed) -> f32| weighed.iter().filter(move |w| role(w) > STRONG).take(MOST_ADDED);
        let paid = strong(|w| w.cash)
            .flat_map(|cash| strong(|w| w.change).map(move |change| (cash, cash.cents.abs() - change.cents)));
        let due =
            strong(|w| w.due).flat_map(|due| strong(|w| w.prepaid).map(move |p| (due, due.cents + p.cents.abs())));
        let rounded = strong(|w| w.total).flat_map(|a| {
            let near = strong(|w| w.rounding).filter(|r| r.cents != 0 && r.cents.abs() < ROUNDING);
            near.map(move |r| (a, a.cents + r.cents))
        });
        // The totals of two tax rates.
        let rates = strong(|w| w.total).flat_map(|a| {
            strong(|w| w.total)
                .filter(move |b| b.place.row > a.place.row)
                .map(move |b| (a, a.cents + b.cents))
        });
        let sums = paid.chain(due).chain(rounded).chain(rates);
        let sums = sums.map(|(first, sum)| (sum, first.place.clone())).collect();
        let mut counts = HashMap::new();
        for w in weighed {
            *counts.entry(w.cents).or_default() += 1;
        }
        Evidence { sums, counts }
    }

    fn total(&self, w: &Weighed) -> f32 {
        let added = self
            .sums
            .iter()
            .any(|(sum, first)| *sum == w.cents && *first != w.place)
            && w.cents != 0
            && w.change < STRONG;
        // The amount paid, or a subtotal, is the total if no other amount is labelled as such.
        let stand_in = if w.change > STRONG {
            0.0
        } else {
            (CASH * w.cash).max(NET * w.net)
        };
        let labelled = w.total.max(DUE * w.due).max(stand_in);
        if labelled <= 0.0 {
            return if added { ONLY_ADDED_UP } else { 0.0 };
        }
        if w.cents == 0 {
            return ZERO * labelled;
        }
        let repeated = REPEAT * (self.counts.get(&w.cents).copied().unwrap_or(1).min(MOST_MENTIONS) - 1) as f32;
        labelled + if added { ADDED_UP } else { 0.0 } + repeated
    }
}
