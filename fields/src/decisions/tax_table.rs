//! Tables of tax rates, with a row per rate. The document's net and tax are the sums of their columns, whether stated or not.

use crate::decisions::sums::Sum;
use crate::evidence::layout::{Layout, Place};
use crate::evidence::rate_row::{self, Base, Cell, RateRow};

/// The net amounts and taxes of rows that together add up to a known total.
#[derive(Debug, Clone)]
pub struct TaxTable {
    /// `None` if the rows do not state it.
    pub net: Option<Sum>,
    pub tax: Sum,
}

/// More rates than any country has. A longer list of amounts is a list of goods.
const MOST_RATES: usize = 8;
/// Rows that may be between two rows of a table, such as a legal reference or the name of a rate.
const ROWS_BETWEEN: usize = 1;
/// How far below a row of the table the next one may begin, in heights of the row.
const REACH: f32 = 3.0;
/// Rows below a table that may state the sums of its columns.
const ROWS_BELOW: usize = 3;
/// Confidence of amounts that agree with their rates and with the total.
const CONFIRMED: f32 = 0.9;
/// Confidence when the rows state less, so that the agreement is only rough.
const LIKELY: f32 = 0.75;

impl TaxTable {
    /// The shortest table whose rows add up to the total, within `slack` cents. The shortest, because a list of goods may add
    /// up to it too.
    pub fn adding_up_to(layout: &Layout, total: i64, slack: i64) -> Option<TaxTable> {
        [Base::Net, Base::Gross, Base::Nothing]
            .into_iter()
            .find_map(|base| shortest(&runs(layout, base), total, slack))
            .map(|rows| TaxTable::of(layout, &rows))
    }

    fn of(layout: &Layout, rows: &[RateRow]) -> TaxTable {
        let exact = rows.iter().all(|row| row.slack == 0);
        let confidence = if exact { CONFIRMED } else { LIKELY };
        let nets: Option<Vec<&Cell>> = rows.iter().map(|row| row.net.as_ref()).collect();
        let mut net = nets.map(|cells| sum(&cells, confidence));
        let mut tax = sum(&rows.iter().map(|row| &row.tax).collect::<Vec<_>>(), confidence);
        if let Some(net) = net.as_mut().filter(|_| rows.len() > 1)
            && let Some((stated_net, stated_tax)) = stated_below(layout, rows, net.cents, tax.cents)
        {
            net.places = vec![stated_net];
            tax.places = vec![stated_tax];
        }
        TaxTable { net, tax }
    }
}

/// Consecutive rows, each of which can be read as the row of one rate.
fn runs(layout: &Layout, base: Base) -> Vec<Vec<RateRow>> {
    let mut runs: Vec<Vec<RateRow>> = Vec::new();
    for row in (0..layout.rows.len()).filter_map(|index| rate_row::read(layout, index, base)) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| continues(layout, last, &row)) => run.push(row),
            _ => runs.push(vec![row]),
        }
    }
    runs
}

fn continues(layout: &Layout, last: &RateRow, next: &RateRow) -> bool {
    let (above, below) = (last.tax.place.row, next.tax.place.row);
    let (upper, lower) = (&layout.rows[above], &layout.rows[below]);
    upper.page == lower.page
        && below - above <= ROWS_BETWEEN + 1
        && lower.rect.y0 - upper.rect.y1 < REACH * upper.height()
}

fn shortest(runs: &[Vec<RateRow>], total: i64, slack: i64) -> Option<Vec<RateRow>> {
    let makes_up = |rows: &&[RateRow]| {
        let gross: i64 = rows.iter().map(|row| row.gross).sum();
        let slack = slack + rows.iter().map(|row| row.slack).sum::<i64>();
        let taxed = rows.iter().any(|row| row.tax.cents != 0);
        // A single row without a rate may be anything. Several rows that add up to the total are no coincidence.
        let sure = rows.len() > 1 || rows.iter().all(|row| row.rated);
        taxed && sure && (gross - total).abs() <= slack
    };
    (1..=MOST_RATES)
        .find_map(|length| runs.iter().flat_map(|run| run.windows(length)).find(makes_up))
        .map(<[RateRow]>::to_vec)
}

/// Sums the cells. Rates with an amount of 0 are not shown.
fn sum(cells: &[&Cell], confidence: f32) -> Sum {
    let shown = cells.iter().filter(|cell| cell.cents != 0);
    let mut places: Vec<Place> = shown.map(|cell| cell.place.clone()).collect();
    if places.is_empty() {
        places.extend(cells.first().map(|cell| cell.place.clone()));
    }
    Sum {
        cents: cells.iter().map(|cell| cell.cents).sum(),
        places,
        confidence,
    }
}

/// Where a row right below a table states the sums of its columns.
fn stated_below(layout: &Layout, rows: &[RateRow], net: i64, tax: i64) -> Option<(Place, Place)> {
    let last = rows.last()?.tax.place.row;
    let page = layout.rows[last].page;
    let below = (last + 1..layout.rows.len()).take(ROWS_BELOW);
    let mut below = below.filter(|row| layout.rows[*row].page == page);
    below.find_map(|row| {
        let cells = rate_row::amounts_of(layout, row);
        let place = |cents| {
            cells
                .iter()
                .find(|cell| cell.cents == cents)
                .map(|cell| cell.place.clone())
        };
        Some((place(net)?, place(tax)?)).filter(|(net, tax)| net != tax)
    })
}

#[cfg(test)]
mod tests {
    use crate::sample::{lines, page};
    use crate::starter;
    use queue_schema::document::{Field, Page};

    fn sums(category: &str, page: Page) -> Vec<Field> {
        let fields = starter(category).extract(&[page]).into_iter();
        fields
            .filter(|f| matches!(f.label.as_str(), "net" | "tax" | "total"))
            .collect()
    }

    fn values(category: &str, text: &str) -> Vec<(String, String)> {
        let fields = sums(category, lines(text)).into_iter();
        fields.map(|f| (f.label, f.value)).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = expected
            .iter()
            .map(|(label, value)| (label.to_string(), value.to_string()));
        owned.collect()
    }

    #[test]
    fn columns_are_summed() {
        let receipt = page(&[
            (20.0, 20.0, "SUMME EUR"),
            (180.0, 20.0, "32,13"),
            (20.0, 36.0, "Gegeben bar"),
            (180.0, 36.0, "50,00"),
            (20.0, 52.0, "Rückgeld"),
            (180.0, 52.0, "17,87"),
            (20.0, 80.0, "MwSt"),
            (80.0, 80.0, "Netto"),
            (130.0, 80.0, "Steuer"),
            (180.0, 80.0, "Brutto"),
            (20.0, 96.0, "A 19%"),
            (80.0, 96.0, "8,40"),
            (130.0, 96.0, "1,60"),
            (180.0, 96.0, "10,00"),
            (20.0, 112.0, "B 7%"),
            (80.0, 112.0, "20,68"),
            (130.0, 112.0, "1,45"),
            (180.0, 112.0, "22,13"),
        ]);
        let fields = sums("receipt", receipt);
        let [net, tax, total] = fields.as_slice() else {
            panic!("net, tax and total in {fields:?}");
        };
        assert_eq!((net.value.as_str(), net.raw.as_str()), ("29.08", "8,40\n20,68"));
        assert_eq!((tax.value.as_str(), tax.raw.as_str()), ("3.05", "1,60\n1,45"));
        assert_eq!((total.value.as_str(), total.raw.as_str()), ("32.13", "32,13"));
        assert_eq!(net.rect, [80.0, 96.0, 105.0, 122.0].into());
        assert!(fields.iter().all(|f| f.confidence > 0.85));
    }

    #[test]
    fn orders_and_kinds_of_tables() {
        let expected = pairs(&[("net", "29.08"), ("tax", "3.05"), ("total", "32.13")]);
        for table in [
            "Total\t32,13\nA 10,00 8,40 1,60\nB 22,13 20,68 1,45",
            "Total\t32,13\nVAT 19% of 8,40\t1,60\nVAT 7% of 20,68\t1,45",
            "Total\t32,13\n19 8,40 1,60\n7 20,68 1,45\n0 0,00 0,00",
            "VAT 19% of 8,40\t1,60\nreduced by law\nVAT 7% of 20,68\t1,45\nTotal\t32,13",
        ] {
            assert_eq!(values("receipt", table), expected, "{table}");
            assert_eq!(values("invoice", table), expected, "{table}");
        }
    }

    #[test]
    fn sums_below_the_table_are_shown() {
        let fields = sums(
            "receipt",
            lines("Total\t32,13\n19% 8,40 1,60\n7% 20,68 1,45\nAlle 29,08 3,05"),
        );
        let raws: Vec<_> = fields.iter().map(|f| f.raw.as_str()).collect();
        assert_eq!(raws, ["29,08", "3,05", "32,13"]);
    }

    #[test]
    fn gross_and_tax_alone_give_no_net() {
        let table = "Summe\t32,13\nMwSt 19% von 10,00\t1,60\nMwSt 7% von 22,13\t1,45";
        assert_eq!(values("receipt", table), pairs(&[("tax", "3.05"), ("total", "32.13")]));
    }

    #[test]
    fn taxes_alone_are_summed() {
        let table = "Netto\t29,08\nMwSt 19%\t1,60\nMwSt 7%\t1,45\nSumme\t32,13";
        let expected = pairs(&[("net", "29.08"), ("tax", "3.05"), ("total", "32.13")]);
        assert_eq!(values("receipt", table), expected);
        assert_eq!(values("invoice", table), expected);
    }

    #[test]
    fn tables_of_another_total_say_nothing() {
        let table = "Total\t50,00\n19% 8,40 1,60 10,00\n7% 20,68 1,45 22,13";
        let got = values("receipt", table);
        assert!(got.contains(&("total".to_owned(), "50.00".to_owned())), "{got:?}");
        assert!(
            got.iter().all(|(_, value)| value != "29.08" && value != "3.05"),
            "{got:?}"
        );
    }
}
