//! Invoices and credit notes.

use super::amounts::Amount;
use super::board::Board;
use super::dates::Order;
use super::money::Habits;
use super::sums::{self, Sum, Sums};
use super::{FieldExtractor, identifiers, number, supplier, when};
use queue_schema::document::{Field, Page};

#[derive(Debug, Clone, Copy)]
pub struct Invoices;

impl FieldExtractor for Invoices {
    fn extract(&self, pages: &[Page]) -> Vec<Field> {
        let board = Board::new(pages);
        let sums = sums::sums(
            &board,
            Habits {
                net_total_is_paid: false,
                cash_rounding: false,
            },
        );
        let currency = identifiers::currency_of(&board, sums.total.as_ref().and_then(|t| t.places.first()));
        let american = currency.as_ref().is_some_and(|c| c.value == "USD");
        let dates = when::dates(&board, if american { Order::MonthFirst } else { Order::DayFirst });
        let mut fields = Vec::new();
        fields.extend(supplier::supplier(&board));
        fields.extend(number_field(&board));
        fields.extend(
            dates
                .document
                .map(|d| board.field("date", d.date.to_string(), &d.place, d.confidence)),
        );
        fields.extend(
            dates
                .due
                .map(|d| board.field("due_date", d.date.to_string(), &d.place, d.confidence)),
        );
        fields.extend(currency);
        fields.extend(money_fields(&board, &sums));
        fields.extend(identifiers::vat_id(&board));
        fields.extend(identifiers::account(&board));
        fields
    }
}

pub(super) fn number_field(board: &Board) -> Option<Field> {
    number::document_number(board).map(|n| board.field("document_number", n.number, &n.place, n.confidence))
}

pub(super) fn money_fields(board: &Board, sums: &Sums) -> Vec<Field> {
    let chosen = [("net", &sums.net), ("tax", &sums.tax), ("total", &sums.total)];
    let field = |(label, sum): (&str, &Option<Sum>)| {
        let sum = sum.as_ref()?;
        let amount = Amount { cents: sum.cents };
        board.field_of(label, amount.to_string(), &sum.places, sum.confidence)
    };
    chosen.into_iter().filter_map(field).collect()
}
