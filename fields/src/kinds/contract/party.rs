//! The parties of a contract, from its opening sentence: `between A, a Delaware corporation ("Alpha"), and B`.

use super::prose::{Prose, find_all};
use crate::evidence::names;
use crate::values::text::compact;
use queue_schema::document::Field;
use std::ops::Range;

// Confidence in a party, as shares.

/// The first name after `between`, the ones after each `and`, and a name with only a definition.
const FIRST: f32 = 0.75;
const JOINED: f32 = 0.7;
const DEFINED: f32 = 0.5;

// Limits of the search.

/// Most parties of a contract, and most names with only a definition.
const MOST_PARTIES: usize = 6;
const MOST_DEFINED: usize = 3;
/// Words that may belong to a name.
const MOST_WORDS: usize = 16;
/// How far before its definition a name may begin, in bytes.
const DEFINITION: usize = 130;
/// How far into the contract its parties are introduced, in bytes.
const OPENING: usize = 6000;
/// How far after `between` the last party's name may begin, in bytes.
const REACH: usize = 700;

pub fn parties(prose: &Prose) -> Vec<Field> {
    let mut found: Vec<(Range<usize>, f32)> = introduced(prose);
    if found.len() < 2 {
        found.extend(defined(prose));
    }
    let mut fields: Vec<Field> = Vec::new();
    for (range, confidence) in found {
        let name = &prose.text[range.clone()];
        let same = |f: &Field| {
            let (a, b) = (compact(&f.value), compact(name));
            a.contains(&b) || b.contains(&a)
        };
        if !fields.iter().any(same) && fields.len() < MOST_PARTIES {
            fields.push(prose.field("party", name.to_owned(), &range, confidence));
        }
    }
    fields
}

/// Names after `between` and after each `and` that follows a definition or a description.
fn introduced(prose: &Prose) -> Vec<(Range<usize>, f32)> {
    const OPENERS: [&str; 6] = [
        "by and between",
        "by and among",
        "between",
        "among",
        "zwischen",
        "made by",
    ];
    let opening = prose.after(&(0..0), OPENING);
    for opener in OPENERS {
        for at in find_all(opening, opener) {
            let Some(first) = name_at(&prose.text, at.end) else {
                continue;
            };
            let mut names = vec![(first.clone(), FIRST)];
            let mut from = first.end;
            let limit = opening.floor_char_boundary(at.end + REACH);
            while let Some(next) = next_joined(opening, from, limit) {
                match name_at(&prose.text, next) {
                    Some(name) => {
                        from = name.end;
                        names.push((name, JOINED));
                    }
                    None => from = next,
                }
            }
            if names.len() > 1 {
                return names;
            }
        }
    }
    Vec::new()
}

/// The end of the next `and` that joins parties: after a comma, after a bracket, or right after a name.
fn next_joined(text: &str, from: usize, limit: usize) -> Option<usize> {
    let rest = text.get(from..limit)?;
    let joins = ["and", "und"]
        .iter()
        .flat_map(|word| find_all(rest, word))
        .filter(|at| {
            let before = rest[..at.start].trim_end();
            let spaced = rest[at.end..].starts_with(' ');
            spaced && (before.is_empty() || before.ends_with([',', ')', ';', '”', '"', '“']) || is_postal_end(before))
        });
    joins.map(|at| from + at.end).min()
}

/// `… 10117 Berlin und`: German contracts put the address before the next party.
fn is_postal_end(before: &str) -> bool {
    let mut words = before.rsplit(' ');
    words.next().is_some()
        && words
            .next()
            .is_some_and(|code| code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit()))
}

/// The name at or just after an offset: capitalized words, up to a bracket, a comma without a legal form after it, or a
/// lower-case word.
fn name_at(text: &str, from: usize) -> Option<Range<usize>> {
    const LEADS: [&str; 10] = ["the", "der", "die", "dem", "den", "firma", "(i)", "(ii)", "(1)", "(2)"];
    const INNER: [&str; 8] = ["of", "and", "&", "und", "de", "van", "von", "the"];
    let mut start = None;
    let mut end = from;
    let mut at = from;
    for word in text[from..].split(' ').take(MOST_WORDS) {
        let range = at..at + word.len();
        at = range.end + 1;
        if word.is_empty() {
            continue;
        }
        let bare = word.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '"' | '“' | '”'));
        if start.is_none() && LEADS.contains(&bare.to_lowercase().as_str()) {
            continue;
        }
        let capital = bare.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let inner = start.is_some_and(|start| {
            let joins = !matches!(bare, "and" | "und") || joins_inside(text, start..end, at);
            INNER.contains(&bare) && next_is_capital(text, at) && joins
        });
        if word.starts_with('(') || !(capital || inner) {
            break;
        }
        start.get_or_insert(range.start);
        if capital {
            end = range.start + word.trim_end_matches([',', ';', ':']).len();
        }
        let comma = word.ends_with([',', ';', ':']);
        if comma && !legal_form_follows(text, at) {
            break;
        }
    }
    let range = start?..end;
    plausible(&text[range.clone()]).then_some(range)
}

fn next_is_capital(text: &str, at: usize) -> bool {
    text.get(at..)
        .is_some_and(|t| t.starts_with(|c: char| c.is_uppercase()))
}

/// `Leggett and Platt Inc.`: whether an `and` is part of a name, which has no legal form yet and gets one within three words.
fn joins_inside(text: &str, so_far: Range<usize>, at: usize) -> bool {
    let tail: Vec<&str> = text.get(at..).unwrap_or_default().split(' ').take(3).collect();
    !names::has_legal_form(&text[so_far]) && names::has_legal_form(&tail.join(" "))
}

fn legal_form_follows(text: &str, at: usize) -> bool {
    let next = text.get(at..).unwrap_or_default().split(' ').next().unwrap_or_default();
    names::is_legal_form(next)
}

fn plausible(name: &str) -> bool {
    const NEVER: [&str; 22] = [
        "the",
        "party",
        "parties",
        "company",
        "agreement",
        "you",
        "us",
        "employee",
        "employer",
        "recipient",
        "discloser",
        "section",
        "whereas",
        "recitals",
        "now",
        "this",
        "exhibit",
        "undersigned",
        "both",
        "them",
        "executive",
        "affiliates",
    ];
    let folded = compact(name);
    let quoted = name.contains(['“', '”', '"', '„']) || name.contains(')') && !name.contains('(');
    let postal = name
        .split(' ')
        .any(|w| w.len() >= 5 && w.bytes().all(|b| b.is_ascii_digit()));
    folded.len() >= 3
        && !quoted
        && !postal
        && !NEVER.contains(&folded.as_str())
        && name.chars().filter(|c| c.is_alphabetic()).count() >= 3
}

/// Names followed by a definition: `Alpha, Inc., a Delaware corporation (the "Company")`. For letters and other contracts
/// without an opening sentence.
fn defined(prose: &Prose) -> Vec<(Range<usize>, f32)> {
    let opening = prose.after(&(0..0), OPENING);
    let marks = ["(“", "(\"", "(the “", "(the \"", "(together"];
    let mut brackets: Vec<usize> = marks
        .iter()
        .flat_map(|mark| opening.match_indices(mark).map(|(at, _)| at))
        .collect();
    brackets.sort_unstable();
    brackets.dedup();
    brackets
        .into_iter()
        .filter_map(|at| name_before(&prose.text, at))
        .map(|range| (range, DEFINED))
        .take(MOST_DEFINED)
        .collect()
}

/// The last name with a legal form in the words before a bracket.
fn name_before(text: &str, bracket: usize) -> Option<Range<usize>> {
    let from = text.ceil_char_boundary(bracket.saturating_sub(DEFINITION));
    let mut best = None;
    let starts = text[from..bracket].match_indices(' ').map(|(at, _)| from + at + 1);
    for start in starts {
        if let Some(name) = name_at(text, start)
            .filter(|n| n.start == start && n.end <= bracket && names::has_legal_form(&text[n.clone()]))
        {
            let inside = best.as_ref().is_some_and(|b: &Range<usize>| b.end >= name.end);
            if !inside {
                best = Some(name);
            }
        }
    }
    best
}
