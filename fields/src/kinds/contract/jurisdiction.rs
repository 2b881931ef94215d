//! Extracts the law that governs a contract.

use super::prose::{Prose, find_all};
use crate::confidence::{self, Scale, TIE};
use queue_schema::document::Field;
use std::ops::Range;

/// Names as they appear, and the name to report. Longer names come before those that they contain.
const PLACES: &[(&str, &str)] = &[
    ("Alabama", "Alabama"),
    ("Alaska", "Alaska"),
    ("Arizona", "Arizona"),
    ("Arkansas", "Arkansas"),
    ("California", "California"),
    ("Colorado", "Colorado"),
    ("Connecticut", "Connecticut"),
    ("Delaware", "Delaware"),
    ("District of Columbia", "District of Columbia"),
    ("Florida", "Florida"),
    ("Georgia", "Georgia"),
    ("Hawaii", "Hawaii"),
    ("Idaho", "Idaho"),
    ("Illinois", "Illinois"),
    ("Indiana", "Indiana"),
    ("Iowa", "Iowa"),
    ("Kansas", "Kansas"),
    ("Kentucky", "Kentucky"),
    ("Louisiana", "Louisiana"),
    ("Maine", "Maine"),
    ("Maryland", "Maryland"),
    ("Massachusetts", "Massachusetts"),
    ("Michigan", "Michigan"),
    ("Minnesota", "Minnesota"),
    ("Mississippi", "Mississippi"),
    ("Missouri", "Missouri"),
    ("Montana", "Montana"),
    ("Nebraska", "Nebraska"),
    ("Nevada", "Nevada"),
    ("New Hampshire", "New Hampshire"),
    ("New Jersey", "New Jersey"),
    ("New Mexico", "New Mexico"),
    ("New York", "New York"),
    ("North Carolina", "North Carolina"),
    ("North Dakota", "North Dakota"),
    ("Ohio", "Ohio"),
    ("Oklahoma", "Oklahoma"),
    ("Oregon", "Oregon"),
    ("Pennsylvania", "Pennsylvania"),
    ("Puerto Rico", "Puerto Rico"),
    ("Rhode Island", "Rhode Island"),
    ("South Carolina", "South Carolina"),
    ("South Dakota", "South Dakota"),
    ("Tennessee", "Tennessee"),
    ("Texas", "Texas"),
    ("Utah", "Utah"),
    ("Vermont", "Vermont"),
    ("West Virginia", "West Virginia"),
    ("Virginia", "Virginia"),
    ("Washington", "Washington"),
    ("Wisconsin", "Wisconsin"),
    ("Wyoming", "Wyoming"),
    ("England and Wales", "England and Wales"),
    ("England", "England"),
    ("Scotland", "Scotland"),
    ("Northern Ireland", "Northern Ireland"),
    ("Ireland", "Ireland"),
    ("Ontario", "Ontario"),
    ("British Columbia", "British Columbia"),
    ("Alberta", "Alberta"),
    ("Quebec", "Quebec"),
    ("Canada", "Canada"),
    ("Australia", "Australia"),
    ("New South Wales", "New South Wales"),
    ("New Zealand", "New Zealand"),
    ("Singapore", "Singapore"),
    ("Malaysia", "Malaysia"),
    ("Hong Kong", "Hong Kong"),
    ("Japan", "Japan"),
    ("India", "India"),
    ("Israel", "Israel"),
    ("China", "China"),
    ("Bundesrepublik Deutschland", "Germany"),
    ("Germany", "Germany"),
    ("Deutschland", "Germany"),
    ("deutsches Recht", "Germany"),
    ("deutschem Recht", "Germany"),
    ("Austria", "Austria"),
    ("Republik Österreich", "Austria"),
    ("Österreich", "Austria"),
    ("österreichisches Recht", "Austria"),
    ("österreichischem Recht", "Austria"),
    ("Switzerland", "Switzerland"),
    ("Schweiz", "Switzerland"),
    ("schweizerisches Recht", "Switzerland"),
    ("schweizerischem Recht", "Switzerland"),
    ("France", "France"),
    ("The Netherlands", "Netherlands"),
    ("Netherlands", "Netherlands"),
    ("Belgium", "Belgium"),
    ("Luxembourg", "Luxembourg"),
    ("Italy", "Italy"),
    ("Spain", "Spain"),
    ("Poland", "Poland"),
    ("Sweden", "Sweden"),
    ("Denmark", "Denmark"),
    ("Norway", "Norway"),
];

// The evidence that a place is that of the law, in shares of confidence.

/// Wordings before or after the place, and the evidence that each adds.
const CLUES: [(&str, f32); 12] = [
    ("governed by", 0.5),
    ("governing law", 0.4),
    ("construed", 0.35),
    ("laws of", 0.4),
    ("law of", 0.4),
    ("choice of law", 0.3),
    ("Es gilt", 0.4),
    ("das Recht der", 0.4),
    ("unterliegt", 0.45),
    ("anwendbares Recht", 0.3),
    ("jurisdiction", 0.1),
    ("courts", 0.1),
];
/// The evidence that a wording needs to introduce a law.
const INTRODUCES: f32 = 0.3;
/// Taken off at the end of the text looked at. The nearest place is meant.
const FAR: f32 = 0.4;
/// Taken off for a company's state of incorporation.
const INCORPORATED: f32 = 0.6;
/// The evidence that a place needs.
const LEAST: f32 = 0.3;
/// The confidence that its evidence gives.
const CONFIDENCE: Scale = Scale {
    start: 0.35,
    rise: 0.5,
    most: confidence::MOST,
};
/// The text that is looked at after a wording, and before a place, in bytes.
const REACH: usize = 130;

pub fn jurisdiction(prose: &Prose) -> Option<Field> {
    let mut best: Option<(&str, Range<usize>, f32)> = None;
    for clue in clue_places(prose) {
        for (name, value) in PLACES {
            let Some(found) = find_all(prose.after(&clue, REACH), name).next() else {
                continue;
            };
            let range = clue.end + found.start..clue.end + found.end;
            let before = prose.before(&range, REACH);
            let told: f32 = CLUES
                .iter()
                .filter(|(words, _)| find_all(before, words).next().is_some())
                .map(|(_, w)| w)
                .sum();
            let far = found.start as f32 / REACH as f32;
            let incorporated = find_all(before, "organized under").next().is_some()
                || find_all(before, "existing under").next().is_some();
            let score = told - FAR * far - if incorporated { INCORPORATED } else { 0.0 };
            let inside_longer = best
                .as_ref()
                .is_some_and(|(_, r, _)| r.start <= range.start && range.end <= r.end);
            if score > best.as_ref().map_or(LEAST, |(.., s)| *s + TIE) && !inside_longer {
                best = Some((*value, range, score));
            }
        }
    }
    best.map(|(value, range, score)| prose.field("jurisdiction", value.to_owned(), &range, CONFIDENCE.of(score)))
}

/// Where the wordings that introduce a law end.
fn clue_places(prose: &Prose) -> Vec<Range<usize>> {
    CLUES
        .iter()
        .filter(|(_, weight)| *weight > INTRODUCES)
        .flat_map(|(words, _)| find_all(&prose.text, words))
        .collect()
}
