//! Chooses the document's own date and its due date among its dates.

use crate::confidence::{self, Scale, first_best};
use crate::evidence::anchors::Label;
use crate::evidence::layout::{Candidate, Layout, Place};
use crate::values::dates::{self, Mention, Order};
use chrono::{Datelike, NaiveDate};
use std::collections::HashMap;

// What is added for a date and taken off it, in shares of confidence.

/// What every date has before its labels are read.
const START: f32 = 0.25;
/// Its own label, times the strength of that label.
const LABEL: f32 = 0.7;
/// The document's title or number before it on its row: `Invoice 4711 of 5 March`.
const AFTER_TITLE: f32 = 0.3;
/// Taken off for the label of another kind of date, times the strength of that label.
const OTHER_LABEL: f32 = 0.5;
/// Taken off at the end of the document. Without any label, the first date is likely the document's.
const POSITION: f32 = 0.1;
/// Taken off for a year after `LAST_YEAR`, which is probably misread.
const FAR_FUTURE: f32 = 0.4;
const LAST_YEAR: i32 = 2045;
/// What every date keeps, so that a lone one counts.
const LEAST_DOCUMENT: f32 = 0.02;
/// Taken off a due date for the label of another kind of date, times the strength of that label.
const NOT_DUE: f32 = 0.4;
/// The evidence that a due date needs.
const LEAST_DUE: f32 = 0.3;
/// Each further mention of a date, up to `MOST_REPEATS`. A mention counts if it has the evidence `LEAST_MENTION` itself.
const REPEAT: f32 = 0.04;
const MOST_REPEATS: usize = 3;
const LEAST_MENTION: f32 = 0.15;
/// The confidence that a date's evidence gives.
const CONFIDENCE: Scale = Scale {
    start: 0.45,
    rise: 0.6,
    most: confidence::MOST,
};

#[derive(Debug, Clone)]
pub struct Dated {
    pub date: NaiveDate,
    pub place: Place,
    pub confidence: f32,
}

#[derive(Debug, Clone, Default)]
pub struct Dates {
    pub document: Option<Dated>,
    pub due: Option<Dated>,
}

/// Reads the document's date and its due date. `default` decides how to read `03/04/2026` when no other date shows the order.
pub fn dates(layout: &Layout, default: Order) -> Dates {
    let found = layout.candidates(|row| row.read(dates::find).into_iter().map(|f| (f.value, f.range)).collect());
    let order = dates::shown_order(found.iter().map(|c| c.value)).unwrap_or(default);
    let peers: Vec<Place> = found.iter().map(|c| c.place.clone()).collect();
    let weighed: Vec<Weighed> = found.iter().map(|c| weigh(layout, c, &peers, order)).collect();
    let document = best(&weighed, |w| w.document);
    let due = best(&weighed, |w| w.due).filter(|(w, score)| {
        *score > LEAST_DUE && document.is_none_or(|(d, _)| w.date >= d.date && w.place != d.place)
    });
    Dates {
        document: document.map(dated),
        due: due.map(dated),
    }
}

struct Weighed {
    date: NaiveDate,
    place: Place,
    document: f32,
    due: f32,
}

fn is_date_label(label: Label) -> bool {
    // A document's title and number are labels of its date too: `Invoice 4711 of 5 March`.
    matches!(label, Label::DocumentDate | Label::DueDate | Label::OtherDate)
}

fn weigh(layout: &Layout, candidate: &Candidate<Mention>, peers: &[Place], order: Order) -> Weighed {
    let place = &candidate.place;
    let date = candidate.value.read(order);
    let (mut document, mut due, mut other) = (0.0f32, 0.0f32, 0.0f32);
    for link in layout.links(place, peers, is_date_label) {
        let role = match link.anchor.label {
            Label::DocumentDate => &mut document,
            Label::DueDate => &mut due,
            _ => &mut other,
        };
        *role = role.max(link.score);
    }
    let title = layout
        .anchors_of(place.row)
        .iter()
        .any(|a| a.label == Label::DocumentNumber && a.range.end <= place.range.start);
    if title {
        document += AFTER_TITLE;
    }
    let position = place.row as f32 / layout.rows.len().max(1) as f32;
    let far = if date.year() > LAST_YEAR { FAR_FUTURE } else { 0.0 };
    let own = START + LABEL * document - OTHER_LABEL * due.max(other) - POSITION * position - far;
    Weighed {
        date,
        place: place.clone(),
        document: own.max(LEAST_DOCUMENT),
        due: (due - NOT_DUE * document.max(other)).max(0.0),
    }
}

fn best(weighed: &[Weighed], role: impl Fn(&Weighed) -> f32) -> Option<(&Weighed, f32)> {
    let mut stated: HashMap<NaiveDate, usize> = HashMap::new();
    for w in weighed.iter().filter(|w| role(w) > LEAST_MENTION) {
        *stated.entry(w.date).or_default() += 1;
    }
    let scored = weighed.iter().map(|w| {
        // A date that is stated repeatedly is likelier.
        let again = stated.get(&w.date).map_or(0, |n| (n - 1).min(MOST_REPEATS));
        (w, role(w) + REPEAT * again as f32)
    });
    first_best(scored, 0.0)
}

fn dated((weighed, score): (&Weighed, f32)) -> Dated {
    Dated {
        date: weighed.date,
        place: weighed.place.clone(),
        confidence: CONFIDENCE.of(score),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::lines;

    #[test]
    fn the_labelled_date_wins_over_an_earlier_one() {
        let layout = Layout::new(&[lines(
            "Lieferdatum: 01.03.2026\nRechnungsdatum: 05.03.2026\nFällig am 04.04.2026",
        )]);
        let dates = dates(&layout, Order::DayFirst);
        assert_eq!(
            dates.document.map(|d| d.date.to_string()).as_deref(),
            Some("2026-03-05")
        );
        assert_eq!(dates.due.map(|d| d.date.to_string()).as_deref(), Some("2026-04-04"));
    }

    #[test]
    fn a_lone_date_is_the_documents() {
        let layout = Layout::new(&[lines("KEDAI BUKU\n03/04/2018 10:12")]);
        let dates = dates(&layout, Order::DayFirst);
        assert_eq!(
            dates.document.map(|d| d.date.to_string()).as_deref(),
            Some("2018-04-03")
        );
        assert!(dates.due.is_none());
    }
}
