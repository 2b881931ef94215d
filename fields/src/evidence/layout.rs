//! A document prepared for extraction: its rows, the labels on them, and which label governs which value.

use crate::confidence;
use crate::evidence::anchors::{self, Anchor, Label};
use crate::evidence::lines::{self, Row};
use queue_schema::document::{Field, Page, Rect, Source};
use std::ops::Range;

/// The place of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Index among the document's rows.
    pub row: usize,
    pub range: Range<usize>,
    pub rect: Rect,
}

/// A value read somewhere on the document.
#[derive(Debug, Clone)]
pub struct Candidate<T> {
    pub value: T,
    pub place: Place,
}

/// How strongly a label governs a value, 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct Link<'b> {
    pub anchor: &'b Anchor,
    pub score: f32,
}

#[derive(Debug)]
pub struct Layout {
    pub rows: Vec<Row>,
    pub anchors: Vec<Anchor>,
    /// For each row, the range of its anchors.
    spans: Vec<Range<usize>>,
}

// What is left of a label's strength, as shares of it.

/// For each nearer label, and for each value in between, on the value's row.
const EACH_NEARER: f32 = 0.4;
const EACH_BETWEEN: f32 = 0.75;
/// For a heading, if a label stronger than `OWN_LABEL` is left of the value.
const BESIDE_OWN: f32 = 0.4;
const OWN_LABEL: f32 = 0.5;
/// For a heading that a nearer one covers.
const COVERED: f32 = 0.3;
/// For a heading with a value beside it, in the column of the value looked at and in another.
const OWNS_IN_COLUMN: f32 = 0.3;
const OWNS_OTHER: f32 = 0.6;
/// For a heading less than a distance above the value: that distance in heights of the heading, and what is left. Farther
/// away, `FARTHEST` is left.
const NEARNESS: [(f32, f32); 3] = [(1.0, 0.9), (2.5, 0.75), (5.0, 0.5)];
const FARTHEST: f32 = 0.3;
/// What is left of a field's confidence if OCR is not confident at all, and what its confidence adds.
const UNREAD: f32 = 0.6;
const READ: f32 = 0.4;

// Distances and limits.

/// Two boxes with a greater overlap are in one column, as a share of the narrower one.
const SAME_COLUMN: f32 = 0.3;
/// Edges that are nearer to each other are aligned, in heights of the heading.
const ALIGNED: f32 = 0.8;
/// The least distance from a heading down to a value, in heights of the heading: a value may reach into it.
const INTO_HEADING: f32 = -0.6;
/// No heading counts as lower than this, in points.
const LOWEST: f32 = 4.0;
/// How far below its heading a value may be in a column, in heights of the heading.
const REACH: f32 = 12.0;
/// Rows to look at above a value. More than `REACH` rows of one column, because the columns of a table interleave.
const ROWS_ABOVE: usize = 24;
/// Labels to consider left of a value. Labels farther away have no weight.
const NEAREST: usize = 6;
const MOST_HEADINGS: usize = 12;
/// Most values of one kind on one row. No real row has more, and more would only cost time.
const MOST_VALUES: usize = 128;

impl Layout {
    pub fn new(pages: &[Page]) -> Layout {
        let rows = lines::rows(pages);
        let anchors = anchors::find(&rows);
        let mut spans = Vec::with_capacity(rows.len());
        let mut start = 0;
        for row in 0..rows.len() {
            let end = start + anchors[start..].iter().take_while(|a| a.row == row).count();
            spans.push(start..end);
            start = end;
        }
        Layout { rows, anchors, spans }
    }

    pub fn place(&self, row: usize, range: Range<usize>) -> Place {
        let rect = self.rows[row].rect_of(&range);
        Place { row, range, rect }
    }

    pub fn text(&self, place: &Place) -> &str {
        &self.rows[place.row].text[place.range.clone()]
    }

    pub fn anchors_of(&self, row: usize) -> &[Anchor] {
        self.spans.get(row).map_or(&[], |span| &self.anchors[span.clone()])
    }

    /// Reads values from every row with the function `find`, which returns each value and its range.
    pub fn candidates<T>(&self, find: impl Fn(&Row) -> Vec<(T, Range<usize>)>) -> Vec<Candidate<T>> {
        let mut all = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            all.extend(find(row).into_iter().take(MOST_VALUES).map(|(value, range)| Candidate {
                value,
                place: self.place(index, range),
            }));
        }
        all
    }

    /// The labels that may govern a value, of those kinds that `wanted` accepts. Labels of other kinds do not block: a date's
    /// label may be between a total and its amount. `peers` are the places of all values of this kind, in order.
    pub fn links<'b>(&'b self, place: &Place, peers: &[Place], wanted: impl Fn(Label) -> bool) -> Vec<Link<'b>> {
        let mut links = self.links_left(place, peers, &wanted);
        let has_own_label = links.first().is_some_and(|l| l.score > OWN_LABEL);
        for mut link in self.links_above(place, peers, &wanted) {
            if has_own_label {
                link.score *= BESIDE_OWN;
            }
            links.push(link);
        }
        links
    }

    /// Labels left of the value on its row. The nearest one governs; each value in between weakens the link.
    fn links_left<'b>(&'b self, place: &Place, peers: &[Place], wanted: &impl Fn(Label) -> bool) -> Vec<Link<'b>> {
        let anchors = self.anchors_of(place.row).iter().rev().filter(|a| wanted(a.label));
        let left = anchors.filter(|a| a.range.end <= place.range.start);
        left.take(NEAREST)
            .enumerate()
            .map(|(nearer, anchor)| {
                let between = in_row(peers, place.row)
                    .iter()
                    .filter(|p| p.range.start >= anchor.range.end && p.range.end <= place.range.start);
                let score =
                    anchor.strength * EACH_NEARER.powi(nearer as i32) * EACH_BETWEEN.powi(between.count() as i32);
                Link { anchor, score }
            })
            .collect()
    }

    /// Headings of the value's column. A heading with a value beside it on its own row governs that value first.
    fn links_above<'b>(&'b self, place: &Place, peers: &[Place], wanted: &impl Fn(Label) -> bool) -> Vec<Link<'b>> {
        let page = self.rows[place.row].page;
        let mut links: Vec<Link<'b>> = Vec::new();
        let mut blocked: Vec<Rect> = Vec::new();
        for row in (place.row.saturating_sub(ROWS_ABOVE)..place.row).rev() {
            if self.rows[row].page != page || links.len() >= MOST_HEADINGS {
                break;
            }
            for anchor in self.anchors_of(row).iter().filter(|a| wanted(a.label)) {
                let Some(near) = nearness_below(&anchor.rect, &place.rect) else {
                    continue;
                };
                // A nearer heading of the same column hides those above it.
                let covered = blocked.iter().any(|b| overlap(b, &anchor.rect) > SAME_COLUMN);
                let beside: Vec<&Place> = in_row(peers, row)
                    .iter()
                    .filter(|p| p.range.start >= anchor.range.end)
                    .collect();
                let owns_other = beside.iter().any(|p| overlap(&p.rect, &place.rect) > 0.0);
                let mut score = anchor.strength * near;
                if covered {
                    score *= COVERED;
                }
                if owns_other {
                    score *= OWNS_IN_COLUMN;
                } else if !beside.is_empty() {
                    score *= OWNS_OTHER;
                }
                links.push(Link { anchor, score });
                blocked.push(anchor.rect);
            }
        }
        links
    }

    /// A field for a value, with its text on the page and its place. A low OCR confidence of the words lowers the field's
    /// confidence.
    pub fn field(&self, label: &str, value: String, place: &Place, confidence: f32) -> Field {
        let read = self.rows[place.row].confidence_of(&place.range).clamp(0.0, 1.0);
        let confidence = confidence * (UNREAD + READ * read);
        Field {
            label: label.to_owned(),
            value,
            raw: self.text(place).to_owned(),
            page: self.rows[place.row].page,
            rect: place.rect,
            confidence: confidence::shown(confidence),
            source: Source::Rule,
        }
    }

    /// A field for a value made up of several values on one page, each on a line of `raw`. Its confidence is the lowest of
    /// theirs.
    pub fn field_of(&self, label: &str, value: String, places: &[Place], confidence: f32) -> Option<Field> {
        let parts = places
            .iter()
            .map(|place| self.field(label, value.clone(), place, confidence));
        parts.reduce(|whole, part| Field {
            raw: format!("{}\n{}", whole.raw, part.raw),
            rect: whole.rect.union(&part.rect),
            confidence: whole.confidence.min(part.confidence),
            ..whole
        })
    }
}

/// Those of the sorted places that are on this row.
pub fn in_row(places: &[Place], row: usize) -> &[Place] {
    let start = places.partition_point(|p| p.row < row);
    let len = places[start..].partition_point(|p| p.row == row);
    &places[start..start + len]
}

/// Horizontal overlap of two boxes, as a fraction of the narrower one.
pub fn overlap(a: &Rect, b: &Rect) -> f32 {
    let shared = a.x1.min(b.x1) - a.x0.max(b.x0);
    shared / a.width().min(b.width()).max(1.0)
}

/// How likely a value belongs to the column of a heading above it: 1 right below, falling with distance.
fn nearness_below(heading: &Rect, value: &Rect) -> Option<f32> {
    let height = heading.height().max(LOWEST);
    let distance = (value.y0 - heading.y1) / height;
    let aligned = overlap(heading, value) > SAME_COLUMN
        || (heading.x1 - value.x1).abs() < ALIGNED * height
        || (heading.x0 - value.x0).abs() < ALIGNED * height;
    if !(INTO_HEADING..=REACH).contains(&distance) || !aligned {
        return None;
    }
    let near = NEARNESS.iter().find(|(below, _)| distance < *below);
    Some(near.map_or(FARTHEST, |(_, left)| *left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::page;
    use crate::values::amounts;

    fn governing(words: &[(f32, f32, &str)], amount: &str) -> Label {
        let layout = Layout::new(&[page(words)]);
        let found = layout.candidates(|row| {
            amounts::find(&row.text)
                .into_iter()
                .map(|f| (f.value, f.range))
                .collect()
        });
        let peers: Vec<Place> = found.iter().map(|c| c.place.clone()).collect();
        let value = found
            .iter()
            .find(|c| c.value.amount.to_string() == amount)
            .expect("the amount is on the page");
        let links = layout.links(&value.place, &peers, |_| true);
        links
            .iter()
            .max_by(|a, b| a.score.total_cmp(&b.score))
            .expect("a label")
            .anchor
            .label
    }

    #[test]
    fn a_label_on_the_left_governs() {
        let words = [
            (10.0, 10.0, "Sub Total"),
            (200.0, 10.0, "5.00"),
            (10.0, 30.0, "Grand Total"),
            (200.0, 30.0, "6.00"),
        ];
        assert_eq!(governing(&words, "5.00"), Label::Subtotal);
        assert_eq!(governing(&words, "6.00"), Label::Total);
    }

    #[test]
    fn a_heading_above_governs_its_column() {
        let words = [
            (10.0, 10.0, "TOTAL HT"),
            (200.0, 10.0, "TOTAL TVA"),
            (400.0, 10.0, "TOTAL TTC"),
            (10.0, 30.0, "100,00"),
            (200.0, 30.0, "10,00"),
            (400.0, 30.0, "110,00"),
        ];
        assert_eq!(governing(&words, "100.00"), Label::Net);
        assert_eq!(governing(&words, "10.00"), Label::Tax);
        assert_eq!(governing(&words, "110.00"), Label::Total);
    }
}
