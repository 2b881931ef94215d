//! Till receipts: narrow, without parties and columns. The shop's name is at the top, the amount paid near the end.

use crate::FieldExtractor;
use crate::confidence::logistic;
use crate::decisions::document_dates;
use crate::decisions::identifiers;
use crate::decisions::money::Habits;
use crate::decisions::sums;
use crate::evidence::layout::{Layout, Place};
use crate::evidence::lines::Row;
use crate::evidence::names;
use crate::kinds::invoice::{money_fields, number_field};
use crate::values::dates::Order;
use queue_schema::document::{Field, Page};
use std::ops::Range;

// What is added for the row of the shop's name and taken off it: steps of a score without bounds, where `EVEN` means a
// confidence of one half. An address loses its likeness to one.

const EVEN: f32 = 0.6;
/// The first row, and what each row below it has less.
const FIRST_ROW: f32 = 1.0;
const EACH_ROW: f32 = 0.22;
/// A legal form in the name or below it, or else the word of a trade.
const LEGAL_FORM: f32 = 1.0;
const TRADE_WORD: f32 = 0.35;
/// Taken off for doubt in the recognised words, times that doubt.
const MISREAD: f32 = 0.8;
/// Rows at the top that may contain the shop's name.
const TOP_ROWS: usize = 9;
/// The likeness to an address from which a row above a name is no part of it.
const ADDRESS_ABOVE: f32 = 0.1;

#[derive(Debug, Clone, Copy)]
pub struct Receipts;

impl FieldExtractor for Receipts {
    fn extract(&self, pages: &[Page]) -> Vec<Field> {
        let layout = Layout::new(pages);
        let sums = sums::sums(
            &layout,
            Habits {
                net_total_is_paid: true,
                cash_rounding: true,
            },
        );
        let dates = document_dates::dates(&layout, Order::DayFirst);
        let mut fields = Vec::new();
        fields.extend(shop(&layout));
        fields.extend(number_field(&layout));
        fields.extend(
            dates
                .document
                .map(|d| layout.field("date", d.date.to_string(), &d.place, d.confidence)),
        );
        fields.extend(identifiers::currency_of(
            &layout,
            sums.total.as_ref().and_then(|t| t.places.first()),
        ));
        fields.extend(money_fields(&layout, &sums));
        fields.extend(identifiers::vat_id(&layout));
        fields.extend(identifiers::account(&layout));
        fields
    }
}

/// The shop's name: a company's name among the first rows, or else the first row that is neither an address nor a heading.
fn shop(layout: &Layout) -> Option<Field> {
    let mut best: Option<(usize, f32)> = None;
    for index in 0..layout.rows.len().min(TOP_ROWS) {
        if let Some(score) = weigh(layout, index)
            && best.is_none_or(|(_, s)| score > s)
        {
            best = Some((index, score));
        }
    }
    let (index, score) = best?;
    let rows = name_rows(layout, index);
    let part = |row: &Row| names::clean(&row.text).replace('\t', " ");
    let name = layout.rows[rows.clone()].iter().map(part).collect::<Vec<_>>().join(" ");
    let name = if layout.rows[index].recognised {
        names::repaired(&name)
    } else {
        name
    };
    let first = &layout.rows[rows.start];
    let place = Place {
        row: rows.start,
        range: 0..first.text.len(),
        rect: first.rect,
    };
    let mut field = layout.field("supplier", name, &place, logistic(score, EVEN));
    for row in &layout.rows[rows.start + 1..rows.end] {
        field.raw = format!("{}\n{}", field.raw, row.text);
        field.rect = field.rect.union(&row.rect);
    }
    Some(field)
}

fn weigh(layout: &Layout, index: usize) -> Option<f32> {
    let row = &layout.rows[index];
    let text = names::clean(&row.text);
    if names::is_never_a_name(text) || names::is_legal_form(text) {
        return None;
    }
    let mut score = FIRST_ROW - EACH_ROW * index as f32;
    let continued = layout
        .rows
        .get(index + 1)
        .is_some_and(|next| names::is_legal_form(names::clean(&next.text)));
    if continued || names::has_legal_form(&names::repaired(text)) {
        score += LEGAL_FORM;
    } else if names::has_trade_word(text) {
        score += TRADE_WORD;
    }
    if row.recognised {
        score -= MISREAD * (1.0 - row.confidence_of(&(0..row.text.len())));
    }
    Some(score - names::address_likeness(text))
}

/// The rows of a name: a row with only a legal form belongs to the row above it.
fn name_rows(layout: &Layout, index: usize) -> Range<usize> {
    let text = |row: usize| layout.rows.get(row).map(|r| names::clean(&r.text)).unwrap_or_default();
    let end = if names::is_legal_form(text(index + 1)) {
        index + 2
    } else {
        index + 1
    };
    let above = index
        .checked_sub(1)
        .map(text)
        .filter(|above| !names::is_never_a_name(above));
    let named_above =
        above.is_some_and(|above| !names::has_legal_form(above) && names::address_likeness(above) < ADDRESS_ABOVE);
    if named_above && names::is_generic(text(index)) {
        index - 1..end
    } else {
        index..end
    }
}
