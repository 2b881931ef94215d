//! One row of a table of tax rates: `A 19% 8,40 1,60 10,00`, columns in any order.

use crate::evidence::anchors::Label;
use crate::evidence::layout::{Layout, Place};
use crate::values::amounts::{self, Shape};
use crate::values::text::Found;

/// The amount beside the tax in rows that do not state all of net, tax and gross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    Net,
    Gross,
    /// The rate alone: `MwSt 7%  1,45`.
    Nothing,
}

/// The amounts of one rate, as stated in a row.
#[derive(Debug, Clone)]
pub struct RateRow {
    /// `None` if the row does not state it.
    pub net: Option<Cell>,
    pub tax: Cell,
    /// Stated or computed, in cents.
    pub gross: i64,
    /// Cents by which the gross amount may be wrong, because it was computed from a rounded tax.
    pub slack: i64,
    /// Whether the row states a rate that its tax agrees with.
    pub rated: bool,
}

#[derive(Debug, Clone)]
pub struct Cell {
    pub cents: i64,
    pub place: Place,
}

/// How far a tax may be from its rate, in cents: in any row, and added for each cent of it. An invoice rounds each
/// of its lines.
const ROUNDING: f64 = 1.5;
const ROUNDING_PER_CENT: f64 = 0.002;
/// Up to this much is rounded off a tax, in cents.
const ROUNDED_OFF: f64 = 0.5;
/// Most amounts of one row to look at.
const MOST_AMOUNTS: usize = 6;
/// In hundredths of a percent. No sales tax is higher, and no bare number below the lowest is a rate.
const HIGHEST_RATE: i64 = 3_000;
const LOWEST_BARE_RATE: i64 = 100;

/// Reads a row as that of one rate. `None` for rows that do not state one with its tax.
pub fn read(layout: &Layout, index: usize, base: Base) -> Option<RateRow> {
    let cells = amounts_of(layout, index);
    if cells.is_empty() || deducts(layout, index) {
        return None;
    }
    let rates = Rates::of(layout, index);
    if base == Base::Nothing {
        return lone_tax(&cells, &rates).filter(|_| has_label(layout, index, Label::Tax));
    }
    let mut best: Option<(RateRow, (bool, bool))> = None;
    for (i, amount) in cells.iter().enumerate() {
        for (j, tax) in cells.iter().enumerate().filter(|(j, _)| *j != i) {
            let sum = amount.cents + tax.cents;
            let sum_stated = base == Base::Net && (0..cells.len()).any(|k| k != i && k != j && cells[k].cents == sum);
            let Some(rated) = rates.allow(base, amount.cents, tax.cents, sum_stated) else {
                continue;
            };
            // Of equally well supported readings the first, because net is left of tax in most tables.
            let support = (rated, sum_stated);
            if best.as_ref().is_none_or(|(_, s)| support > *s) {
                best = Some((pair(base, amount, tax, rated), support));
            }
        }
    }
    best.map(|(row, _)| row)
}

fn pair(base: Base, amount: &Cell, tax: &Cell, rated: bool) -> RateRow {
    let (net, gross) = match base {
        Base::Net => (Some(amount.clone()), amount.cents + tax.cents),
        Base::Gross | Base::Nothing => (None, amount.cents),
    };
    RateRow {
        net,
        tax: tax.clone(),
        gross,
        slack: 0,
        rated,
    }
}

/// A row with only a rate and its tax. They imply a gross amount only roughly, so the row counts as unrated.
fn lone_tax(cells: &[Cell], rates: &Rates) -> Option<RateRow> {
    let ([tax], Rates::Stated(rates)) = (cells, rates) else {
        return None;
    };
    let [rate] = rates.as_slice() else { return None };
    if *rate == 0 {
        return None;
    }
    let per_tax = 1.0 + 10_000.0 / *rate as f64;
    Some(RateRow {
        net: None,
        tax: tax.clone(),
        gross: (tax.cents as f64 * per_tax).round() as i64,
        slack: (ROUNDED_OFF * per_tax).ceil() as i64,
        rated: false,
    })
}

/// The amounts of a row, from left to right.
pub fn amounts_of(layout: &Layout, index: usize) -> Vec<Cell> {
    let mentions = layout.rows[index].read(amounts::find).into_iter();
    let money = mentions.filter(|f| f.value.shape == Shape::Money);
    money
        .take(MOST_AMOUNTS)
        .map(|f| Cell {
            cents: f.value.amount.cents,
            place: layout.place(index, f.range),
        })
        .collect()
}

/// Whether the row is a discount or a service charge, which are percentages of an amount too.
fn deducts(layout: &Layout, index: usize) -> bool {
    has_label(layout, index, Label::OtherAmount) && !has_label(layout, index, Label::Tax)
}

fn has_label(layout: &Layout, index: usize, label: Label) -> bool {
    layout.anchors_of(index).iter().any(|a| a.label == label)
}

/// The rates that a row may mean, in hundredths of a percent.
enum Rates {
    /// With a percent sign: the rate is one of them.
    Stated(Vec<i64>),
    /// Bare numbers that may be a rate.
    Possible(Vec<i64>),
}

impl Rates {
    fn of(layout: &Layout, index: usize) -> Rates {
        let row = &layout.rows[index];
        let stated: Vec<i64> = row.read(percentages).iter().map(|f| f.value).collect();
        if !stated.is_empty() {
            return Rates::Stated(stated);
        }
        let bare = row.read(amounts::find).into_iter().map(|f| f.value.amount.cents);
        Rates::Possible(
            bare.filter(|rate| (LOWEST_BARE_RATE..=HIGHEST_RATE).contains(rate))
                .take(MOST_AMOUNTS)
                .collect(),
        )
    }

    /// Whether an amount and a tax can be in this row. If so, whether a rate of the row confirms them.
    fn allow(&self, base: Base, amount: i64, tax: i64, sum_stated: bool) -> Option<bool> {
        let fits = |rate: &i64| fits(*rate, base, amount, tax);
        match self {
            Rates::Stated(rates) => rates.iter().any(fits).then_some(true),
            // An amount is not its own rate.
            Rates::Possible(rates) if rates.iter().any(|r| *r != amount && *r != tax && fits(r)) => Some(true),
            Rates::Possible(_) => (sum_stated && is_likely(amount, tax)).then_some(false),
        }
    }
}

/// Whether a tax matches a rate of an amount, within the rounding of an invoice's lines.
fn fits(rate: i64, base: Base, amount: i64, tax: i64) -> bool {
    let whole = match base {
        Base::Net | Base::Nothing => 10_000,
        Base::Gross => 10_000 + rate,
    };
    let expected = amount as f64 * rate as f64 / whole as f64;
    let slack = ROUNDING + ROUNDING_PER_CENT * expected.abs();
    (tax as f64 - expected).abs() <= slack && (rate == 0) == (tax == 0) && amount.signum() * tax.signum() >= 0
}

/// Whether some rate could give this tax for a net amount.
fn is_likely(net: i64, tax: i64) -> bool {
    let most = net as f64 * HIGHEST_RATE as f64 / 10_000.0;
    tax != 0 && net.signum() == tax.signum() && tax.abs() as f64 <= most.abs()
}

/// The percentages of a text up to the highest rate, in hundredths of a percent.
fn percentages(text: &str) -> Vec<Found<i64>> {
    let signs = text.match_indices('%').take(MOST_AMOUNTS);
    signs.filter_map(|(sign, _)| percentage(text, sign)).collect()
}

/// The number before a percent sign: `19%`, `5,5 %`, `7,00%`.
fn percentage(text: &str, sign: usize) -> Option<Found<i64>> {
    let end = text[..sign].trim_end_matches([' ', '\u{a0}']).len();
    let start = text[..end]
        .rfind(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let number = &text[start..end];
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    if whole.len() > 2 || fraction.len() > 4 {
        return None;
    }
    let hundredths = format!("{fraction:0<2}");
    let value = whole.parse::<i64>().ok()? * 100 + hundredths.get(..2)?.parse::<i64>().ok()?;
    (value <= HIGHEST_RATE).then_some(Found {
        value,
        range: start..sign + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::lines;

    fn rate_row(text: &str, base: Base) -> Option<RateRow> {
        read(&Layout::new(&[lines(text)]), 0, base)
    }

    /// Net, tax, gross and whether a rate confirms them.
    fn row(text: &str, base: Base) -> Option<(Option<i64>, i64, i64, bool)> {
        let row = rate_row(text, base)?;
        Some((row.net.map(|n| n.cents), row.tax.cents, row.gross, row.rated))
    }

    #[test]
    fn columns_in_any_order() {
        for text in [
            "A 19% 8,40 1,60 10,00",
            "19,00 % 10,00 8,40 1,60",
            "B 1,60 8,40 10,00 19.0%",
            "SR 19 8.40 1.60",
            "19% MwSt auf 8,40\t1,60 EUR",
        ] {
            assert_eq!(row(text, Base::Net), Some((Some(840), 160, 1000, true)), "{text}");
        }
        assert_eq!(row("A 8,40 1,60 10,00", Base::Net), Some((Some(840), 160, 1000, false)));
        assert_eq!(row("0% 60,00 0,00", Base::Net), Some((Some(6000), 0, 6000, true)));
        assert_eq!(
            row("5,5 % -198,00 -10,89", Base::Net),
            Some((Some(-19_800), -1_089, -20_889, true))
        );
        assert_eq!(row("19% 1,60 10,00", Base::Gross), Some((None, 160, 1000, true)));
    }

    #[test]
    fn rows_that_state_no_rate() {
        for text in [
            "A 7% 8,40 1,60 10,00",
            "A 8,40 1,60",
            "A 8,40 8,60 17,00",
            "Rabatt 10% auf 50,00\t5,00",
            "10% von 147,30\t-14,73",
            "100% 8,40 8,40",
            "% 1,00 0,00",
            "19% 1,60",
            "10,00 1,00",
        ] {
            assert_eq!(row(text, Base::Net), None, "{text}");
        }
    }

    #[test]
    fn a_tax_alone_implies_its_gross_amount() {
        let read = |text| rate_row(text, Base::Nothing).map(|row| (row.tax.cents, row.gross, row.slack));
        assert_eq!(read("enth. MwSt 7%\t1,45"), Some((145, 2216, 8)));
        for text in [
            "7%\t1,45",
            "MwSt\t1,45",
            "MwSt 7% 20,68 1,45",
            "MwSt 0%\t0,00",
            "Rabatt 7%\t1,45",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn percentages_of_all_kinds() {
        let read = |text| percentages(text).iter().map(|f| f.value).collect::<Vec<_>>();
        assert_eq!(read("7% 19 % 5,5% (@ 6.00%)"), [700, 1900, 550, 600]);
        assert_eq!(read("100% é% ,5% 1.2.3% 31% 0,12345%"), Vec::<i64>::new());
    }
}
