//! VAT identification numbers: formats of the European Union, Britain, Switzerland and Norway, and their check digits where the
//! rules are public.

use crate::values::iban::remainder_97;
use crate::values::text::Found;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatId {
    /// With the country's prefix if it was written, without spaces and dots.
    pub number: String,
    pub check: Check,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Passed,
    Failed,
    /// The country's rule is not implemented.
    Unknown,
}

/// The format of a country's numbers after the prefix (for Poland also after the name of its tax number): `9` is a digit, `X` a
/// digit or a letter, other characters stand for themselves.
struct Format {
    prefix: &'static str,
    pattern: &'static str,
    check: fn(&[u8]) -> Check,
}

const fn format(prefix: &'static str, pattern: &'static str, check: fn(&[u8]) -> Check) -> Format {
    Format { prefix, pattern, check }
}

const FORMATS: &[Format] = &[
    format("AT", "U99999999", austria),
    format("BE", "9999999999", belgium),
    format("BG", "999999999", unknown),
    format("BG", "9999999999", unknown),
    format("CHE", "999999999", switzerland),
    format("CY", "99999999X", unknown),
    format("CZ", "99999999", unknown),
    format("CZ", "999999999", unknown),
    format("CZ", "9999999999", unknown),
    format("DE", "999999999", germany),
    format("DK", "99999999", denmark),
    format("EE", "999999999", unknown),
    format("EL", "999999999", unknown),
    format("ES", "X9999999X", spain),
    format("FI", "99999999", finland),
    format("FR", "XX999999999", france),
    format("GB", "999999999", britain),
    format("GB", "999999999999", britain),
    format("HR", "99999999999", mod_11_10),
    format("HU", "99999999", unknown),
    format("IE", "9X99999X", unknown),
    format("IE", "9999999XX", unknown),
    format("IT", "99999999999", luhn),
    format("LT", "999999999", unknown),
    format("LT", "999999999999", unknown),
    format("LU", "99999999", luxembourg),
    format("LV", "99999999999", unknown),
    format("MT", "99999999", unknown),
    format("NIP", "9999999999", poland),
    format("NL", "999999999B99", netherlands),
    format("NO", "999999999", unknown),
    format("PL", "9999999999", poland),
    format("PT", "999999999", portugal),
    format("RO", "99999999", unknown),
    format("SE", "999999999901", sweden),
    format("SI", "99999999", unknown),
    format("SK", "9999999999", unknown),
    format("XI", "999999999", britain),
];

/// Longer numbers (including the prefix) are no VAT ids.
const LONGEST: usize = 15;

/// Everything that looks like a VAT id with its country's prefix. The beginning of an IBAN can look like one, so look for IBANs
/// first.
pub fn find(text: &str) -> Vec<Found<VatId>> {
    let mut found: Vec<Found<VatId>> = Vec::new();
    for (at, c) in text.char_indices() {
        let inside = found.last().is_some_and(|last| at < last.range.end);
        if inside || !c.is_ascii_uppercase() || text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
            continue;
        }
        if let Some(id) = read_at(text, at) {
            found.push(id);
        }
    }
    found
}

/// The best number that starts here. A valid check digit wins, then the longer number.
fn read_at(text: &str, at: usize) -> Option<Found<VatId>> {
    let mut best: Option<Found<VatId>> = None;
    for (number, end) in prefixes(&text[at..]) {
        if let Some(check) = recognise(&number) {
            let better = best
                .as_ref()
                .is_none_or(|b| b.value.check != Check::Passed || check == Check::Passed);
            if better {
                let number = number.strip_prefix("NIP").map(str::to_owned).unwrap_or(number);
                best = Some(Found {
                    value: VatId { number, check },
                    range: at..at + end,
                });
            }
        }
    }
    best
}

/// The beginnings of the text that end with a run of letters and digits, without the spaces, dots and dashes inside.
fn prefixes(text: &str) -> Vec<(String, usize)> {
    let mut prefixes = Vec::new();
    let mut number = String::new();
    let mut gap = 0;
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() || c.is_ascii_uppercase() {
            number.push(c);
            gap = 0;
        } else if matches!(c, ' ' | '.' | '-' | ':' | '\u{a0}') && gap < 2 {
            if gap == 0 {
                prefixes.push((number.clone(), at));
            }
            gap += 1;
        } else {
            if gap == 0 && !c.is_alphanumeric() {
                prefixes.push((number.clone(), at));
            }
            return prefixes;
        }
        if number.len() > LONGEST {
            return prefixes;
        }
    }
    prefixes.push((number, text.len()));
    prefixes
}

/// Whether a number without spaces is a VAT id of a known format, and the result of its check digits.
pub fn recognise(number: &str) -> Option<Check> {
    let mut checks = FORMATS.iter().filter_map(|format| {
        let body = number.strip_prefix(format.prefix)?.as_bytes();
        fits(body, format.pattern.as_bytes()).then(|| (format.check)(body))
    });
    checks.next()
}

fn fits(body: &[u8], pattern: &[u8]) -> bool {
    body.len() == pattern.len()
        && body.iter().zip(pattern).all(|(c, p)| match p {
            b'9' => c.is_ascii_digit(),
            b'X' => c.is_ascii_digit() || c.is_ascii_uppercase(),
            _ => c == p,
        })
}

fn passed(ok: bool) -> Check {
    if ok { Check::Passed } else { Check::Failed }
}

fn unknown(_: &[u8]) -> Check {
    Check::Unknown
}

fn digit(c: u8) -> u32 {
    u32::from(c - b'0')
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |n, c| n * 10 + u64::from(digit(*c)))
}

fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(c, w)| digit(*c) * w).sum()
}

/// ISO 7064 mod 11,10: Germany and Croatia.
fn mod_11_10(digits: &[u8]) -> Check {
    let (last, rest) = (digits.len() - 1, &digits[..digits.len() - 1]);
    let product = rest.iter().fold(10, |product, c| {
        let sum = (digit(*c) + product) % 10;
        2 * if sum == 0 { 10 } else { sum } % 11
    });
    passed((11 - product) % 10 == digit(digits[last]))
}

fn germany(digits: &[u8]) -> Check {
    mod_11_10(digits)
}

fn luhn(digits: &[u8]) -> Check {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, c)| {
            let doubled = digit(*c) * (1 + i as u32 % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    passed(sum.is_multiple_of(10))
}

fn austria(body: &[u8]) -> Check {
    let digits = &body[1..];
    let sum: u32 = digits[..7]
        .iter()
        .enumerate()
        .map(|(i, c)| {
            let value = digit(*c) * (1 + i as u32 % 2);
            value / 10 + value % 10
        })
        .sum();
    passed((106 - sum - 10) % 10 == digit(digits[7]))
}

fn belgium(digits: &[u8]) -> Check {
    passed(digits[0] <= b'1' && 97 - number(&digits[..8]) % 97 == number(&digits[8..]))
}

fn switzerland(digits: &[u8]) -> Check {
    let check = (11 - weighted(&digits[..8], &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11;
    passed(check == digit(digits[8]))
}

fn denmark(digits: &[u8]) -> Check {
    passed(weighted(digits, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

fn finland(digits: &[u8]) -> Check {
    passed(weighted(digits, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11))
}

/// The key is computed from the SIREN. The rule for newer keys with letters is not public.
fn france(body: &[u8]) -> Check {
    if !body.iter().all(u8::is_ascii_digit) {
        return Check::Unknown;
    }
    passed((12 + 3 * (number(&body[2..]) % 97)) % 97 == number(&body[..2]))
}

/// The weighted sum plus the check digits is a multiple of 97, or is one after adding 55 (numbers since 2010).
fn britain(digits: &[u8]) -> Check {
    let sum = weighted(&digits[..7], &[8, 7, 6, 5, 4, 3, 2]) + number(&digits[7..9]) as u32;
    passed(sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97))
}

fn luxembourg(digits: &[u8]) -> Check {
    passed(number(&digits[..6]) % 89 == number(&digits[6..]))
}

/// Companies have a mod 11 digit; sole traders have, since 2020, a mod 97 over the whole id.
fn netherlands(body: &[u8]) -> Check {
    let eleven = weighted(&body[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == digit(body[8]);
    let ninety_seven = remainder_97("NL".chars().chain(body.iter().map(|c| char::from(*c)))) == Some(1);
    passed(eleven || ninety_seven)
}

fn poland(digits: &[u8]) -> Check {
    passed(weighted(&digits[..9], &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digit(digits[9]))
}

fn portugal(digits: &[u8]) -> Check {
    let check = 11 - weighted(&digits[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    passed(if check > 9 { 0 } else { check } == digit(digits[8]))
}

fn sweden(digits: &[u8]) -> Check {
    luhn(&digits[..10])
}

/// Persons (DNI and NIE) have a letter by mod 23; companies have a digit or letter by a Luhn-like sum.
fn spain(body: &[u8]) -> Check {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let (first, middle, last) = (body[0], &body[1..8], body[8]);
    if !middle.iter().all(u8::is_ascii_digit) {
        return Check::Failed;
    }
    let person = match first {
        b'0'..=b'9' => Some(u64::from(digit(first))),
        b'X'..=b'Z' => Some(u64::from(first - b'X')),
        b'K' | b'L' | b'M' => Some(0),
        _ => None,
    };
    if let Some(lead) = person {
        let index = (lead * 10_000_000 + number(middle)) % 23;
        return passed(LETTERS[index as usize] == last);
    }
    let sum: u32 = middle
        .iter()
        .enumerate()
        .map(|(i, c)| {
            let value = digit(*c) * (2 - i as u32 % 2);
            value / 10 + value % 10
        })
        .sum();
    let check = (10 - sum % 10) % 10;
    passed(last == b'0' + check as u8 || last == b"JABCDEFGHI"[check as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that their owners or tax offices published as examples.
    const RIGHT: [&str; 15] = [
        "DE136695976",
        "DE129273398",
        "ATU13585627",
        "FR40303265045",
        "FR32123456789",
        "NL004495445B01",
        "IT00743110157",
        "ES54362315K",
        "ESB58378431",
        "PL8567346215",
        "BE0428759497",
        "GB980780684",
        "LU15027442",
        "DK13585628",
        "SE123456789701",
    ];

    #[test]
    fn right_numbers_pass() {
        for number in RIGHT {
            assert_eq!(recognise(number), Some(Check::Passed), "{number}");
        }
    }

    #[test]
    fn a_changed_digit_fails() {
        for number in RIGHT {
            let mut other = number.as_bytes().to_vec();
            let at = number.len() - 4;
            other[at] = b'0' + (other[at] - b'0' + 1) % 10;
            assert_eq!(
                recognise(&String::from_utf8_lossy(&other)),
                Some(Check::Failed),
                "{number}"
            );
        }
    }

    #[test]
    fn written_with_spaces_and_dots() {
        for (text, want) in [
            ("USt-IdNr.: DE 136 695 976", "DE136695976"),
            ("N° TVA : FR 32 123 456 789 x", "FR32123456789"),
            ("VAT NL004495445B01, KvK 1", "NL004495445B01"),
            ("BTW BE 0428.759.497", "BE0428759497"),
            ("CHE-116.281.710 MWST", "CHE116281710"),
            ("UID ATU13585627", "ATU13585627"),
            ("NIP: 856-734-62-15", "8567346215"),
        ] {
            let found = find(text);
            assert_eq!(
                found.iter().map(|f| f.value.number.as_str()).collect::<Vec<_>>(),
                [want],
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_vat_id() {
        for text in [
            "DE 80333 München",
            "FR-75018 PARIS",
            "ORDER 12345678",
            "DE1234567890",
            "DEé123",
            "DE",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}
