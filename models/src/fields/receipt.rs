//! Till receipts: narrow, without parties and columns; the shop's name stands at the top, what was paid near the end.

use super::board::{Board, Place};
use super::dates::Order;
use super::invoice::{money_fields, number_field};
use super::money::{self, Habits};
use super::{FieldExtractor, identifiers, names, when};
use queue_schema::document::{Field, Page};

#[derive(Debug, Clone, Copy)]
pub struct Receipts;

impl FieldExtractor for Receipts {
    fn extract(&self, pages: &[Page]) -> Vec<Field> {
        let board = Board::new(pages);
        let sums = money::sums(
            &board,
            Habits {
                net_total_is_paid: true,
                cash_rounding: true,
            },
        );
        let dates = when::dates(&board, Order::DayFirst);
        let mut fields = Vec::new();
        fields.extend(shop(&board));
        fields.extend(number_field(&board));
        fields.extend(
            dates
                .document
                .map(|d| board.field("date", d.date.to_string(), &d.place, d.confidence)),
        );
        fields.extend(identifiers::currency_of(
            &board,
            sums.total.as_ref().map(|(t, _)| &t.place),
        ));
        fields.extend(money_fields(&board, &sums));
        fields.extend(identifiers::vat_id(&board));
        fields.extend(identifiers::account(&board));
        fields
    }
}

/// Rows at the top that can hold the shop's name.
const TOP_ROWS: usize = 9;

/// The shop's name: a company's name among the first rows, else the first row that is not an address or a heading.
fn shop(board: &Board) -> Option<Field> {
    let mut best: Option<(usize, f32)> = None;
    for (index, row) in board.rows.iter().take(TOP_ROWS).enumerate() {
        let text = names::clean(&row.text);
        if names::is_never_a_name(text) || names::is_legal_form(text) {
            continue;
        }
        let mut score = 1.0 - 0.22 * index as f32;
        let continued = board
            .rows
            .get(index + 1)
            .is_some_and(|next| names::is_legal_form(names::clean(&next.text)));
        if names::has_legal_form(text) || continued {
            score += 1.0;
        } else if names::has_trade_word(text) {
            score += 0.35;
        }
        score -= names::address_likeness(text);
        score -= if row.recognised {
            0.8 * (1.0 - row.confidence_of(&(0..row.text.len())))
        } else {
            0.0
        };
        if best.is_none_or(|(_, s)| score > s) {
            best = Some((index, score));
        }
    }
    let (index, score) = best?;
    let confidence = 1.0 / (1.0 + (0.6 - score).exp());
    let row = &board.rows[index];
    let place = Place {
        row: index,
        range: 0..row.text.len(),
        rect: row.rect,
    };
    let mut field = board.field(
        "supplier",
        names::clean(&row.text).replace('\t', " "),
        &place,
        confidence,
    );
    if let Some(next) = board
        .rows
        .get(index + 1)
        .filter(|next| names::is_legal_form(names::clean(&next.text)))
    {
        field.value = format!("{} {}", field.value, names::clean(&next.text));
        field.raw = format!("{}\n{}", field.raw, next.text);
        field.rect = field.rect.union(&next.rect);
    }
    Some(field)
}
