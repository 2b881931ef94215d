//! Invoices and credit notes.

use crate::FieldExtractor;
use crate::decisions::document_dates;
use crate::decisions::identifiers;
use crate::decisions::money::Habits;
use crate::decisions::number;
use crate::decisions::sums::{self, Sum, Sums};
use crate::decisions::supplier;
use crate::evidence::layout::Layout;
use crate::values::amounts::Amount;
use crate::values::dates::Order;
use queue_schema::document::{Field, Page};

#[derive(Debug, Clone, Copy)]
pub struct Invoices;

impl FieldExtractor for Invoices {
    fn extract(&self, pages: &[Page]) -> Vec<Field> {
        let layout = Layout::new(pages);
        let sums = sums::sums(
            &layout,
            Habits {
                net_total_is_paid: false,
                cash_rounding: false,
            },
        );
        let currency = identifiers::currency_of(&layout, sums.total.as_ref().and_then(|t| t.places.first()));
        let american = currency.as_ref().is_some_and(|c| c.value == "USD");
        let dates = document_dates::dates(&layout, if american { Order::MonthFirst } else { Order::DayFirst });
        let mut fields = Vec::new();
        fields.extend(supplier::supplier(&layout));
        fields.extend(number_field(&layout));
        fields.extend(
            dates
                .document
                .map(|d| layout.field("date", d.date.to_string(), &d.place, d.confidence)),
        );
        fields.extend(
            dates
                .due
                .map(|d| layout.field("due_date", d.date.to_string(), &d.place, d.confidence)),
        );
        fields.extend(currency);
        fields.extend(money_fields(&layout, &sums));
        fields.extend(identifiers::vat_id(&layout));
        fields.extend(identifiers::account(&layout));
        fields
    }
}

pub(super) fn number_field(layout: &Layout) -> Option<Field> {
    number::document_number(layout).map(|n| layout.field("document_number", n.number, &n.place, n.confidence))
}

pub(super) fn money_fields(layout: &Layout, sums: &Sums) -> Vec<Field> {
    let chosen = [("net", &sums.net), ("tax", &sums.tax), ("total", &sums.total)];
    let field = |(label, sum): (&str, &Option<Sum>)| {
        let sum = sum.as_ref()?;
        let amount = Amount { cents: sum.cents };
        layout.field_of(label, amount.to_string(), &sum.places, sum.confidence)
    };
    chosen.into_iter().filter_map(field).collect()
}
