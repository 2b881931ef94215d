//! Extracts how long a contract, or the obligations in it, last.

use super::prose::{Prose, find_all};
use crate::confidence::{Scale, TIE};
use queue_schema::document::Field;
use std::ops::Range;

const UNITS: [(&str, &str); 14] = [
    ("years", "year"),
    ("year", "year"),
    ("months", "month"),
    ("month", "month"),
    ("weeks", "week"),
    ("days", "day"),
    ("Jahren", "year"),
    ("Jahre", "year"),
    ("Jahr", "year"),
    ("Monaten", "month"),
    ("Monate", "month"),
    ("Wochen", "week"),
    ("Tagen", "day"),
    ("Tage", "day"),
];

const NUMBERS: [(&str, u32); 44] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fifteen", 15),
    ("eighteen", 18),
    ("twenty", 20),
    ("twenty-four", 24),
    ("thirty", 30),
    ("thirty-six", 36),
    ("forty-eight", 48),
    ("sixty", 60),
    ("ninety", 90),
    ("ein", 1),
    ("einem", 1),
    ("eines", 1),
    ("einer", 1),
    ("zwei", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
    ("elf", 11),
    ("zwölf", 12),
    ("achtzehn", 18),
    ("zwanzig", 20),
    ("vierundzwanzig", 24),
    ("dreißig", 30),
    ("sechsunddreißig", 36),
    ("achtundvierzig", 48),
    ("sechzig", 60),
    ("neunzig", 90),
];

// The evidence that a duration is the contract's, in shares of confidence.

/// Wordings in the sentence around a duration, and the evidence that each adds.
const CONTEXT: &[(&str, f32)] = &[
    ("this agreement shall", 0.35),
    ("this letter agreement", 0.25),
    ("agreement will", 0.25),
    ("term of this agreement", 0.45),
    ("initial term", 0.4),
    ("remain in", 0.35),
    ("remains in", 0.35),
    ("in full force", 0.3),
    ("in force", 0.3),
    ("continue", 0.15),
    ("expire", 0.35),
    ("terminate", 0.3),
    ("obligations", 0.2),
    ("confidential", 0.2),
    ("survive", 0.25),
    ("date hereof", 0.2),
    ("date of this", 0.2),
    ("effective date", 0.2),
    ("laufzeit", 0.6),
    ("vertragsdauer", 0.6),
    ("dauer von", 0.3),
    ("dieser vertrag", 0.2),
    ("solicit", -0.5),
    ("hire", -0.4),
    ("standstill", -0.4),
    ("compet", -0.4),
    ("employment", -0.4),
    ("disclosed prior", -0.4),
    ("keep secret", 0.3),
    ("acquire", -0.3),
    ("notice", -0.35),
    ("prior to", -0.4),
    ("preceding", -0.5),
    ("revoke", -0.5),
    ("consider", -0.3),
    ("kündigung", -0.4),
    ("frist", -0.35),
    ("salary", -0.4),
];
/// The most that they add together.
const MOST_CONTEXT: f32 = 1.0;
/// Introduced by `for`, `period of` and the like.
const INTRODUCED: f32 = 0.2;
/// Taken off for days and weeks.
const SHORT: f32 = 0.5;
/// The evidence that a duration needs.
const LEAST: f32 = 0.4;
/// The confidence that its evidence gives.
const CONFIDENCE: Scale = Scale {
    start: 0.2,
    rise: 0.5,
    most: 0.9,
};
/// The text that is looked at before and after a duration, and for what introduces it, in bytes.
const TEXT_BEFORE: usize = 220;
const TEXT_AFTER: usize = 110;
const INTRODUCTION: usize = 20;

pub fn term(prose: &Prose) -> Option<Field> {
    let mut best: Option<(String, Range<usize>, f32)> = None;
    for (word, unit) in UNITS {
        for found in find_all(&prose.text, word) {
            let ends = !prose.text[found.end..].starts_with(|c: char| c.is_alphanumeric());
            let Some((number, start)) = number_before(&prose.text, found.start).filter(|_| ends) else {
                continue;
            };
            let range = start..found.end;
            let score = weigh(prose, &range, unit);
            if score > best.as_ref().map_or(LEAST, |(.., s)| *s + TIE) {
                let plural = if number == 1 { "" } else { "s" };
                best = Some((format!("{number} {unit}{plural}"), range, score));
            }
        }
    }
    best.map(|(value, range, score)| prose.field("term", value, &range, CONFIDENCE.of(score)))
}

fn weigh(prose: &Prose, range: &Range<usize>, unit: &str) -> f32 {
    // The sentence around the duration, limited to the nearby text.
    let before = prose.before(range, TEXT_BEFORE);
    let before = before.rfind(". ").map_or(before, |end| &before[end..]);
    let after = prose.after(range, TEXT_AFTER);
    let after = after.find(". ").map_or(after, |end| &after[..end]);
    let around = format!("{before} {after}").to_lowercase();
    let told: f32 = CONTEXT
        .iter()
        .filter(|(words, _)| around.contains(words))
        .map(|(_, w)| w)
        .sum();
    let period = ["period of", "term of", "laufzeit von", "dauer von", "until", "for"];
    let before = prose.before(range, INTRODUCTION).to_lowercase();
    let introduced = if period.iter().any(|p| before.contains(p)) {
        INTRODUCED
    } else {
        0.0
    };
    let short = if matches!(unit, "day" | "week") { SHORT } else { 0.0 };
    told.min(MOST_CONTEXT) + introduced - short
}

/// The number before a unit, and where it starts: `three`, `3`, `three (3)`, `twenty-four (24)`.
fn number_before(text: &str, unit: usize) -> Option<(u32, usize)> {
    let head = text[..unit].trim_end_matches([' ', '-', '\'', '’']);
    let last = head.rfind(' ').map_or(0, |at| at + 1);
    let word = head[last..].trim_matches(|c: char| !c.is_alphanumeric());
    let start = last + (head[last..].len() - head[last..].trim_start_matches(|c: char| !c.is_alphanumeric()).len());
    let number = number(word)?;
    if head[last..].starts_with('(') {
        let spelled = head[..last].trim_end();
        let first = spelled.rfind(' ').map_or(0, |at| at + 1);
        if self::number(&spelled[first..].to_lowercase()) == Some(number) {
            return Some((number, first));
        }
    }
    Some((number, start))
}

fn number(word: &str) -> Option<u32> {
    let lower = word.to_lowercase();
    let digits = || word.parse().ok().filter(|n| (1..=120).contains(n));
    NUMBERS
        .iter()
        .find(|(name, _)| *name == lower)
        .map(|(_, n)| *n)
        .or_else(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words_and_digits() {
        for (text, want) in [
            ("three (3) ", Some((3, 0))),
            ("of 18 ", Some((18, 3))),
            ("twenty-four ", Some((24, 0))),
            ("some ", None),
            ("", None),
        ] {
            assert_eq!(number_before(text, text.len()), want, "{text}");
        }
    }
}
