//! Which party's block of the page a text belongs to: the seller's, the buyer's or another's.

use crate::evidence::anchors::Label;
use crate::evidence::layout::{Layout, Place, overlap};
use queue_schema::document::Rect;

/// A party's label, and its distance above the text in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Party {
    pub label: Label,
    pub distance: f32,
}

/// What is left of the distance to a label beside a text, so that it counts as nearer than one above.
const BESIDE: f32 = 0.1;
/// A label is on the text's row if their middles are nearer than this, in heights of the label.
const SAME_ROW: f32 = 0.6;
/// No label counts as lower than this, in points.
const LOWEST: f32 = 4.0;
/// The left edges of a label and of the text below it are nearer to each other than this, in points. If the text and the label
/// share more than `SAME_COLUMN` of the narrower width, the text may also begin farther right.
const ALIGNED: f32 = 30.0;
const SAME_COLUMN: f32 = 0.5;
/// The least distance from a label to a text beside it, and to one below it, in points: a text may reach into its label.
const INTO_LABEL_BESIDE: f32 = -1.0;
const INTO_LABEL_BELOW: f32 = -2.0;
/// How far below its label a party's block reaches, in points.
const REACH: f32 = 150.0;
const ROWS_ABOVE: usize = 30;

/// The nearest party label above a place in its column, or left of it on its row. A value with a label of its own (`Name:`)
/// belongs to the block of that label.
pub fn party_of(layout: &Layout, place: &Place) -> Option<Party> {
    let label = label_cell(layout, place);
    party_at(layout, place.row, &place.rect).or_else(|| party_at(layout, place.row, &label?))
}

fn party_at(layout: &Layout, row: usize, rect: &Rect) -> Option<Party> {
    let page = layout.rows[row].page;
    let rows = row.saturating_sub(ROWS_ABOVE)..=row;
    let candidates = rows
        .filter(|r| layout.rows[*r].page == page)
        .flat_map(|r| layout.anchors_of(r));
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

/// The cell left of a place, if that ends with a colon.
fn label_cell(layout: &Layout, place: &Place) -> Option<Rect> {
    let row = &layout.rows[place.row];
    let before = row.text[..place.range.start].trim_end();
    let start = before.strip_suffix(':')?.rfind('\t').map_or(0, |tab| tab + 1);
    Some(row.rect_of(&(start..before.len())))
}

fn distance(label: &Rect, rect: &Rect) -> Option<f32> {
    let same_row = (label.y0 + label.y1 - rect.y0 - rect.y1).abs() / 2.0 < SAME_ROW * label.height().max(LOWEST);
    if same_row {
        let gap = rect.x0 - label.x1;
        return (gap >= INTO_LABEL_BESIDE).then_some(gap.max(0.0) * BESIDE);
    }
    let below = rect.y0 - label.y1;
    let aligned =
        (label.x0 - rect.x0).abs() < ALIGNED || overlap(label, rect) > SAME_COLUMN && rect.x0 > label.x0 - ALIGNED;
    ((INTO_LABEL_BELOW..REACH).contains(&below) && aligned).then_some(below.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::page;

    #[test]
    fn columns_are_told_apart() {
        let words = [
            (40.0, 40.0, "Lieferant"),
            (300.0, 40.0, "Käufer"),
            (40.0, 56.0, "Alpha GmbH"),
            (300.0, 56.0, "Beta GmbH"),
        ];
        let layout = Layout::new(&[page(&words)]);
        let label = |range| party_of(&layout, &layout.place(1, range)).map(|p| p.label);
        assert_eq!(label(0..10), Some(Label::Seller));
        assert_eq!(label(11..20), Some(Label::Buyer));
    }
    #[test]
    fn a_labelled_value_stands_with_its_label() {
        let words = [
            (40.0, 40.0, "Verkäufer"),
            (40.0, 56.0, "Name:"),
            (300.0, 56.0, "Alpha GmbH"),
        ];
        let layout = Layout::new(&[page(&words)]);
        let party = party_of(&layout, &layout.place(1, 6..16));
        assert_eq!(party.map(|p| p.label), Some(Label::Seller));
    }
}
