//! Amounts of money in the conventions of Germany, England, France, Switzerland and their neighbours.

use crate::values::text::Found;
use std::fmt;

/// An amount in hundredths of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    pub cents: i64,
}

impl fmt::Display for Amount {
    /// A decimal with a point and two places: `-1234.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.cents < 0 { "-" } else { "" };
        let cents = self.cents.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// How certain the format alone makes it that a number is an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Two decimals, or `12,-`.
    Money,
    /// A whole number: money only beside a currency or under a label.
    Whole,
    /// One decimal or more than two: more likely a quantity, a rate or a unit price.
    Measure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    pub amount: Amount,
    pub shape: Shape,
}

/// More digits than any invoice has. Keeps the arithmetic far from overflow.
const MAX_DIGITS: usize = 13;

/// Every number in a text that can be an amount. Percentages, dates, times and parts of codes are left out.
pub fn find(text: &str) -> Vec<Found<Mention>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = number_end(text, at);
        if let Some(mention) = read(text, at, end) {
            found.push(mention);
        }
        at = end;
    }
    found
}

/// Where the number that starts at a digit ends. It consists of digits, separators between digits, and single spaces before a
/// group of exactly three digits.
fn number_end(text: &str, start: usize) -> usize {
    let mut end = start;
    loop {
        end += digits(&text[end..]);
        let rest = &text[end..];
        let Some(separator) = rest.chars().next() else {
            return end;
        };
        let after = &rest[separator.len_utf8()..];
        let joins = match separator {
            '.' | ',' | '\'' | '’' => digits(after) > 0,
            ' ' | '\u{a0}' | '\u{202f}' => digits(after) == 3 && groups_so_far(&text[start..end]),
            _ => false,
        };
        if !joins {
            return end;
        }
        end += separator.len_utf8();
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Whether another group of three may follow a space: `1`, `12`, `123`, `1 234`, but not `2018` or `1,50`.
fn groups_so_far(number: &str) -> bool {
    let mut groups = number.split([' ', '\u{a0}', '\u{202f}']);
    let head = groups.next().unwrap_or_default();
    (1..=3).contains(&head.len())
        && !head.starts_with('0')
        && digits(head) == head.len()
        && groups.all(|g| g.len() == 3)
}

fn read(text: &str, start: usize, end: usize) -> Option<Found<Mention>> {
    let before = &text[..start];
    let rest = &text[end..];
    if is_part_of_code(before, rest) || is_percentage(rest) {
        return None;
    }
    let (cents, shape) = value(&text[start..end])?;
    let (end, shape) = match dash_for_cents(rest) {
        Some(used) if shape == Shape::Whole => (end + used, Shape::Money),
        _ => (end, shape),
    };
    let (range, negative) = sign(text, start, end);
    let amount = Amount {
        cents: if negative { -cents } else { cents },
    };
    Some(Found {
        value: Mention { amount, shape },
        range,
    })
}

/// Whether a number is part of a time, date, serial number or path. A short run of letters may touch its front: `RM9.00`,
/// `EUR12`.
fn is_part_of_code(before: &str, rest: &str) -> bool {
    let letters = before.chars().rev().take_while(|c| c.is_alphabetic()).count();
    let joined_before = match before.chars().next_back() {
        Some('/' | ':' | '#' | '_' | '@') => true,
        Some('-') => before[..before.len() - 1].ends_with(char::is_alphanumeric),
        Some('.' | ',') => before[..before.len() - 1].ends_with(|c: char| c.is_ascii_digit()),
        _ => {
            letters > 3
                || before[..before.len() - letters_bytes(before, letters)]
                    .ends_with(|c: char| letters > 0 && c.is_ascii_digit())
        }
    };
    let mut after = rest.chars();
    let joined_after = match (after.next(), after.next()) {
        (Some('/' | ':' | '-' | '_' | '@'), Some(c)) if c.is_alphanumeric() => true,
        (Some(c), next) if c.is_alphabetic() => {
            // A tax code or a currency may touch the end (`9.00SR`, `12.00zł`), but a word may not.
            rest.chars().take_while(|c| c.is_alphanumeric()).count() > 3 || next.is_some_and(|n| n.is_ascii_digit())
        }
        _ => false,
    };
    joined_before && !before.ends_with(": ") && !is_label_colon(before) || joined_after
}

fn letters_bytes(text: &str, letters: usize) -> usize {
    text.chars().rev().take(letters).map(char::len_utf8).sum()
}

/// `Total:9.00` — a colon after a word is punctuation, but after a digit it is part of a time.
fn is_label_colon(before: &str) -> bool {
    before
        .strip_suffix(':')
        .is_some_and(|label| !label.ends_with(|c: char| c.is_ascii_digit()))
}

fn is_percentage(rest: &str) -> bool {
    rest.trim_start_matches([' ', '\u{a0}']).starts_with('%')
}

/// The length in bytes of `,-`, `,--` or `.—`, which stand for no cents.
fn dash_for_cents(rest: &str) -> Option<usize> {
    let dashes = rest.strip_prefix([',', '.'])?;
    let used: usize = dashes
        .chars()
        .take_while(|c| matches!(c, '-' | '–' | '—'))
        .map(char::len_utf8)
        .sum();
    (used > 0).then_some(1 + used)
}

/// Reads `1.234,56`, `1,234.56`, `1 234,56`, `1'234.50`, `12,5` and `1.234` (a thousand).
fn value(number: &str) -> Option<(i64, Shape)> {
    let decimal = decimal_separator(number)?;
    let (whole, fraction) = match decimal {
        Some(at) => (&number[..at], &number[at + 1..]),
        None => (number, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    if whole.len() > MAX_DIGITS || fraction.len() > 6 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let tenths_and_hundredths: i64 = format!("{fraction:0<2}")[..2].parse().ok()?;
    // Rounds half away from zero, by the third decimal of a unit price.
    let up = i64::from(fraction.as_bytes().get(2).is_some_and(|d| *d >= b'5'));
    let shape = match fraction.len() {
        0 => Shape::Whole,
        2 => Shape::Money,
        _ => Shape::Measure,
    };
    Some((whole * 100 + tenths_and_hundredths + up, shape))
}

/// `Some(Some(at))`: position of the decimal separator. `Some(None)`: a whole number. `None`: not a number.
fn decimal_separator(number: &str) -> Option<Option<usize>> {
    let marks: Vec<(usize, char)> = number.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let Some(&(last, mark)) = marks.last() else {
        return grouped(number).then_some(None);
    };
    let fraction = number.len() - last - 1;
    let repeated = marks.iter().filter(|(_, c)| *c == mark).count() > 1;
    let mixed = marks.iter().any(|(_, c)| *c != mark);
    if repeated {
        return (!mixed && grouped(number)).then_some(None);
    }
    let head = &number[..last];
    // One separator and three digits mean thousands, unless there is only a zero before it (`0.750`).
    if fraction == 3 && !mixed && digits(head) == head.len() && (1..=3).contains(&head.len()) && head != "0" {
        return Some(None);
    }
    grouped(head).then_some(Some(last))
}

/// Whether a whole number consists of digits alone, or of groups of three with one kind of separator.
fn grouped(number: &str) -> bool {
    let mut separators = number.chars().filter(|c| !c.is_ascii_digit());
    let Some(first) = separators.next() else { return true };
    if separators.any(|c| c != first) {
        return false;
    }
    let mut groups = number.split(first);
    groups.next().is_some_and(|head| (1..=3).contains(&head.len())) && groups.all(|group| group.len() == 3)
}

/// Extends the range over a sign: `-5,00`, `−5,00`, `- 5,00`, `-€5.00`, `5,00-`, `(5.00)`.
fn sign(text: &str, start: usize, end: usize) -> (std::ops::Range<usize>, bool) {
    let before = &text[..start];
    if let Some(minus) = leading_minus(before) {
        return (minus..end, true);
    }
    let rest = &text[end..];
    if let Some(tail) = rest.strip_prefix(is_minus)
        && !tail.starts_with(|c: char| c.is_alphanumeric())
    {
        return (start..text.len() - tail.len(), true);
    }
    if before.ends_with('(') && rest.starts_with(')') {
        return (start - 1..end + 1, true);
    }
    (start..end, false)
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−' | '–')
}

/// Position of a minus before a number: directly before it, before its currency, or before a space in a cell of its own. A dash
/// between words and numbers (`Rabatt - 5,00`, `A-12`) is no minus.
fn leading_minus(before: &str) -> Option<usize> {
    let close = before.strip_suffix(' ').unwrap_or(before);
    let close = ["RM", "EUR", "USD"]
        .iter()
        .find_map(|code| close.strip_suffix(code))
        .unwrap_or(close);
    let close = close.strip_suffix(is_currency_sign).unwrap_or(close);
    let head = close.strip_suffix(is_minus)?;
    let begins = head.is_empty() || head.ends_with(['\t', ' ', '(', ':']) || head.ends_with(is_currency_sign);
    let dash = before.ends_with(' ') && head.ends_with(' ') && head.trim_end().ends_with(char::is_alphanumeric);
    (begins && !dash).then_some(head.len())
}

fn is_currency_sign(c: char) -> bool {
    matches!(c, '€' | '$' | '£' | '¥')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        find(text).iter().map(|f| f.value.amount.to_string()).collect()
    }

    #[test]
    fn one_amount_in_many_clothes() {
        for text in [
            "1.234,56",
            "1,234.56",
            "1 234,56",
            "1\u{a0}234,56",
            "1\u{202f}234,56 €",
            "1'234.56",
            "1’234.56",
            "1234.56",
            "€1,234.56",
            "1.234,56EUR",
            "RM1234.56",
            "Total:1234.56",
            "*1234.56*",
        ] {
            assert_eq!(read(text), ["1234.56"], "{text}");
        }
    }

    #[test]
    fn signs() {
        for (text, want) in [
            ("-7,67", "-7.67"),
            ("−7,67", "-7.67"),
            ("7,67-", "-7.67"),
            ("7.67- EUR", "-7.67"),
            ("(7.67)", "-7.67"),
            ("€ -7.67", "-7.67"),
            ("$-7.67", "-7.67"),
            ("-$7.67", "-7.67"),
            ("ROUNDING: -RM7.67", "-7.67"),
            ("2018-12 RM7.67", "7.67"),
            ("Rabatt - 7,67", "7.67"),
            ("12,-", "12.00"),
            ("12,-- €", "12.00"),
        ] {
            assert_eq!(read(text), [want], "{text}");
        }
    }

    #[test]
    fn whole_numbers_and_measures() {
        let shapes = |text: &str| {
            find(text)
                .iter()
                .map(|f| (f.value.amount.cents, f.value.shape))
                .collect::<Vec<_>>()
        };
        assert_eq!(shapes("1.234"), [(123_400, Shape::Whole)]);
        assert_eq!(shapes("1,234,567"), [(123_456_700, Shape::Whole)]);
        assert_eq!(shapes("0.750"), [(75, Shape::Measure)]);
        assert_eq!(shapes("10000,0000"), [(1_000_000, Shape::Measure)]);
        assert_eq!(shapes("4 711"), [(471_100, Shape::Whole)]);
        assert_eq!(shapes("2018 100"), [(201_800, Shape::Whole), (10_000, Shape::Whole)]);
        assert_eq!(shapes("3,3355"), [(334, Shape::Measure)]);
    }

    #[test]
    fn columns_stay_apart() {
        assert_eq!(read("100,00\t10,00\t110,00"), ["100.00", "10.00", "110.00"]);
        assert_eq!(read("1\t234,56"), ["1.00", "234.56"]);
    }

    #[test]
    fn what_is_no_amount() {
        for text in [
            "10,00%",
            "19 %",
            "25.01.2026",
            "10:30",
            "A-1234",
            "C1-0170778",
            "1.2.3",
            "AB12345X9",
            "01/2026",
            "99999999999999999999",
        ] {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn never_panics_on_odd_text() {
        for text in [
            "é1,é", "1,", ",1", "€-", "(1", "1)", "’1’", "1 ", "٣٤", "1,2,3,4", "--1--",
        ] {
            let _ = find(text);
        }
    }
}
