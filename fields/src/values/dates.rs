//! Calendar dates as European and American documents write them.

use crate::values::months::month;
use crate::values::text::Found;
use chrono::{Datelike, NaiveDate};
use std::ops::Range;

/// Which number of `03/04/2026` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    DayFirst,
    MonthFirst,
}

/// A date in a text. `03/04/2026` can be read in two ways; only the rest of the document can decide between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mention {
    Sure(NaiveDate),
    /// Written with slashes or dashes, and valid in one order only: evidence for the document's other dates.
    Ordered(NaiveDate, Order),
    Either {
        day_first: NaiveDate,
        month_first: NaiveDate,
    },
}

impl Mention {
    pub fn read(self, order: Order) -> NaiveDate {
        match self {
            Mention::Sure(date) | Mention::Ordered(date, _) => date,
            Mention::Either { day_first, month_first } => match order {
                Order::DayFirst => day_first,
                Order::MonthFirst => month_first,
            },
        }
    }
}

/// The order shown by a document's unambiguous dates, if there are any.
pub fn shown_order(mentions: impl IntoIterator<Item = Mention>) -> Option<Order> {
    let (mut day, mut month) = (0, 0);
    for mention in mentions {
        match mention {
            Mention::Ordered(_, Order::DayFirst) => day += 1,
            Mention::Ordered(_, Order::MonthFirst) => month += 1,
            _ => {}
        }
    }
    match day.cmp(&month) {
        std::cmp::Ordering::Greater => Some(Order::DayFirst),
        std::cmp::Ordering::Less => Some(Order::MonthFirst),
        std::cmp::Ordering::Equal => None,
    }
}

/// Every date of a text, in order; dates do not overlap.
pub fn find(text: &str) -> Vec<Found<Mention>> {
    let pieces = lex(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        match read_at(text, &pieces, at) {
            Some((value, used)) => {
                found.push(Found {
                    value,
                    range: pieces[at].range().start..pieces[at + used - 1].range().end,
                });
                at += used;
            }
            None => at += 1,
        }
    }
    found
}

/// The elements of dates. Separators and spaces between them are looked up in the text.
#[derive(Debug, Clone)]
enum Piece {
    Number {
        value: u32,
        digits: usize,
        range: Range<usize>,
    },
    Word {
        month: Option<u32>,
        range: Range<usize>,
    },
}

impl Piece {
    fn range(&self) -> &Range<usize> {
        match self {
            Piece::Number { range, .. } | Piece::Word { range, .. } => range,
        }
    }
}

fn lex(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if !c.is_alphanumeric() {
            continue;
        }
        let digit = c.is_ascii_digit();
        let mut end = start + c.len_utf8();
        while let Some((at, next)) = chars.next_if(|(_, n)| n.is_alphanumeric() && n.is_ascii_digit() == digit) {
            end = at + next.len_utf8();
        }
        let range = start..end;
        pieces.push(if digit {
            let value = text[range.clone()].parse().unwrap_or(u32::MAX);
            Piece::Number {
                value,
                digits: end - start,
                range,
            }
        } else {
            Piece::Word {
                month: month(&text[range.clone()]),
                range,
            }
        });
    }
    pieces
}

/// The date that starts at a piece, and its number of pieces.
fn read_at(text: &str, pieces: &[Piece], at: usize) -> Option<(Mention, usize)> {
    if touches_number(text, pieces, at) {
        return None;
    }
    numeric(text, pieces, at)
        .or_else(|| day_month_name(text, pieces, at))
        .or_else(|| month_name_day(text, pieces, at))
        .or_else(|| compact_digits(text, pieces, at))
}

/// Whether the piece continues a longer number (`1.` of `3.1.2026`, a part of a serial number).
fn touches_number(text: &str, pieces: &[Piece], at: usize) -> bool {
    let Some(previous) = at.checked_sub(1).map(|p| &pieces[p]) else {
        return false;
    };
    let between = &text[previous.range().end..pieces[at].range().start];
    match (previous, &pieces[at]) {
        (Piece::Number { .. }, Piece::Number { .. }) => matches!(between, "." | "/" | "-" | ","),
        // The `A12` of a serial number is no day, but in `date25/01/2018` OCR lost a space.
        (Piece::Word { range, .. }, Piece::Number { .. }) => between.is_empty() && range.len() < 3,
        _ => false,
    }
}

fn gap<'t>(text: &'t str, pieces: &[Piece], left: usize) -> &'t str {
    &text[pieces[left].range().end..pieces[left + 1].range().start]
}

/// `25.01.2026`, `25/01/26`, `2026-01-25`, `25 01 2026`, `25. 1. 2026`.
fn numeric(text: &str, pieces: &[Piece], at: usize) -> Option<(Mention, usize)> {
    let [
        Piece::Number {
            value: a, digits: da, ..
        },
        Piece::Number {
            value: b, digits: db, ..
        },
        Piece::Number {
            value: c,
            digits: dc,
            range,
        },
    ] = pieces.get(at..at + 3)?
    else {
        return None;
    };
    let (first, second) = (gap(text, pieces, at), gap(text, pieces, at + 1));
    let (separator, other) = (separator(first)?, self::separator(second)?);
    // Numbers with all digits form a date with any separators, because OCR loses a dash. Spaces alone only separate such
    // numbers. Three columns of a table are never a date.
    let full = *da == 2 && *db == 2 && *dc == 4 && *c >= 1950;
    if *db > 2 || separator == ',' || (!full && (separator != other || matches!(separator, ' ' | ','))) {
        return None;
    }
    let separator = if separator == ' ' { other } else { separator };
    let after = text[range.end..].chars().next();
    // With a fourth number (`1.2.20.4`) it is a section or an address. Of letters, only the `T` of a timestamp may follow
    // directly.
    if matches!(after, Some('/' | '-')) && text[range.end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mention = if *da == 4 && *dc <= 2 {
        Mention::Sure(date(*a, *b, *c)?)
    } else if *da <= 2 && (*dc == 4 || *dc == 2) {
        either(*a, *b, full_year(*c, *dc), separator)?
    } else {
        return None;
    };
    Some((mention, 3))
}

/// The separator between two numbers: one sign, with at most a space around it.
fn separator(gap: &str) -> Option<char> {
    if gap.len() > 3 || gap.contains('\t') {
        return None;
    }
    let mut signs = gap.chars().filter(|c| !c.is_whitespace());
    match (signs.next(), signs.next()) {
        (None, _) if gap == " " => Some(' '),
        (Some(sign @ ('.' | '/' | '-')), None) => Some(sign),
        (Some('–'), None) => Some('-'),
        // A misread slash. Only allowed between numbers with all digits, see `numeric`.
        (Some(','), None) if gap == ", " => Some(','),
        _ => None,
    }
}

fn either(a: u32, b: u32, year: u32, separator: char) -> Option<Mention> {
    let (day_first, month_first) = (date(year, b, a), date(year, a, b));
    // With dots, the day comes first.
    if separator == '.' || separator == ' ' || a == b {
        return day_first.map(Mention::Sure);
    }
    match (day_first, month_first) {
        (Some(day_first), Some(month_first)) => Some(Mention::Either { day_first, month_first }),
        (Some(date), None) => Some(Mention::Ordered(date, Order::DayFirst)),
        (None, Some(date)) => Some(Mention::Ordered(date, Order::MonthFirst)),
        (None, None) => None,
    }
}

/// `25 Jan 2026`, `25. Januar 2026`, `25-JAN-26`, `1st of March 2026`.
fn day_month_name(text: &str, pieces: &[Piece], at: usize) -> Option<(Mention, usize)> {
    let Piece::Number {
        value: day,
        digits: 1..=2,
        ..
    } = pieces.get(at)?
    else {
        return None;
    };
    let mut next = at + 1;
    while let Some(Piece::Word { month: None, range }) = pieces.get(next) {
        let ordinal = matches!(
            &text[range.clone()],
            "st" | "nd" | "rd" | "th" | "er" | "of" | "de" | "day"
        );
        if !ordinal || next - at > 3 {
            return None;
        }
        next += 1;
    }
    let Piece::Word { month: Some(month), .. } = pieces.get(next)? else {
        return None;
    };
    let mut after = next + 1;
    if let Some(Piece::Word { range, .. }) = pieces.get(after)
        && matches!(&text[range.clone()], "de" | "of")
    {
        after += 1;
    }
    let Piece::Number { value, digits, range } = pieces.get(after)? else {
        return None;
    };
    let near = (at..after).all(|i| loose_gap(gap(text, pieces, i)));
    let alone = !text[range.end..].starts_with(':');
    (near && alone && (*digits == 4 || *digits == 2))
        .then(|| date(full_year(*value, *digits), *month, *day))
        .flatten()
        .map(|d| (Mention::Sure(d), after - at + 1))
}

/// `January 25, 2026`, `Jan 25 2026`, `January 25th, 2026`.
fn month_name_day(text: &str, pieces: &[Piece], at: usize) -> Option<(Mention, usize)> {
    let Piece::Word { month: Some(month), .. } = pieces.get(at)? else {
        return None;
    };
    let Piece::Number {
        value: day,
        digits: 1..=2,
        ..
    } = pieces.get(at + 1)?
    else {
        return None;
    };
    let mut last = at + 2;
    if let Some(Piece::Word { range, .. }) = pieces.get(last) {
        if !matches!(&text[range.clone()], "st" | "nd" | "rd" | "th") {
            return None;
        }
        last += 1;
    }
    let Piece::Number {
        value: year, digits: 4, ..
    } = pieces.get(last)?
    else {
        return None;
    };
    (at..last)
        .all(|i| loose_gap(gap(text, pieces, i)))
        .then(|| date(*year, *month, *day))
        .flatten()
        .map(|d| (Mention::Sure(d), last - at + 1))
}

/// `20260125`: eight digits that stand alone and form a plausible date.
fn compact_digits(text: &str, pieces: &[Piece], at: usize) -> Option<(Mention, usize)> {
    let Piece::Number {
        value,
        digits: 8,
        range,
    } = pieces.get(at)?
    else {
        return None;
    };
    let alone = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let (before, after) = (
        text[..range.start].chars().next_back(),
        text[range.end..].chars().next(),
    );
    if !(alone(before) || before == Some(':')) || !alone(after) || !(1990..2050).contains(&(value / 10_000)) {
        return None;
    }
    date(value / 10_000, value / 100 % 100, value % 100).map(|d| (Mention::Sure(d), 1))
}

/// Whether a gap may be between a day, a month's name and a year.
fn loose_gap(gap: &str) -> bool {
    gap.len() <= 3
        && !gap.contains('\t')
        && gap
            .chars()
            .all(|c| matches!(c, ' ' | '.' | ',' | '-' | '/' | '\'' | '’'))
}

fn full_year(value: u32, digits: usize) -> u32 {
    match (digits, value) {
        (2, 0..=79) => 2000 + value,
        (2, _) => 1900 + value,
        _ => value,
    }
}

/// A day of the calendar, in one of the years that documents are from.
fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    (1950..2100).contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests;
