//! Whose block of the page a text stands in: the seller's, the buyer's or somebody else's.

use super::anchors::Label;
use super::board::{Board, overlap};
use queue_schema::document::Rect;

/// A party's label and how many points above the text it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Party {
    pub label: Label,
    pub distance: f32,
}

/// How far below its label a party's block reaches, in points.
const REACH: f32 = 150.0;
const ROWS_ABOVE: usize = 30;

/// The nearest party's label above a box in its column, or left of it on its row.
pub fn party_of(board: &Board, row: usize, rect: &Rect) -> Option<Party> {
    let page = board.rows[row].page;
    let rows = row.saturating_sub(ROWS_ABOVE)..=row;
    let candidates = rows
        .filter(|r| board.rows[*r].page == page)
        .flat_map(|r| board.anchors_of(r));
    candidates
        .filter(|a| a.label.is_party())
        .filter_map(|anchor| {
            distance(&anchor.rect, rect).map(|distance| Party {
                label: anchor.label,
                distance,
            })
        })
        .min_by(|a, b| a.distance.total_cmp(&b.distance))
}

fn distance(label: &Rect, rect: &Rect) -> Option<f32> {
    let same_row = (label.y0 + label.y1 - rect.y0 - rect.y1).abs() / 2.0 < 0.6 * label.height().max(4.0);
    if same_row {
        let gap = rect.x0 - label.x1;
        return (gap >= -1.0).then_some(gap.max(0.0) * 0.1);
    }
    let below = rect.y0 - label.y1;
    let aligned = (label.x0 - rect.x0).abs() < 30.0 || overlap(label, rect) > 0.5 && rect.x0 > label.x0 - 30.0;
    ((-2.0..REACH).contains(&below) && aligned).then_some(below.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::page;

    #[test]
    fn columns_are_told_apart() {
        let words = [
            (40.0, 40.0, "Lieferant"),
            (300.0, 40.0, "Käufer"),
            (40.0, 56.0, "Alpha GmbH"),
            (300.0, 56.0, "Beta GmbH"),
        ];
        let board = Board::new(&[page(&words)]);
        let label = |x0: f32| {
            party_of(
                &board,
                1,
                &Rect {
                    x0,
                    y0: 56.0,
                    x1: x0 + 50.0,
                    y1: 66.0,
                },
            )
            .map(|p| p.label)
        };
        assert_eq!(label(40.0), Some(Label::Seller));
        assert_eq!(label(300.0), Some(Label::Buyer));
    }
}
