//! International bank account numbers (ISO 13616).

use crate::values::text::Found;

/// Country and length, from the IBAN registry.
#[rustfmt::skip]
const LENGTHS: [(&str, usize); 59] = [
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG", 22), ("BH", 22),
    ("BR", 29), ("BY", 28), ("CH", 21), ("CY", 28), ("CZ", 24), ("DE", 22), ("DK", 18), ("EE", 20), ("ES", 24),
    ("FI", 18), ("FO", 18), ("FR", 27), ("GB", 22), ("GE", 22), ("GI", 23), ("GL", 18), ("GR", 27), ("HR", 21),
    ("HU", 28), ("IE", 22), ("IL", 23), ("IS", 26), ("IT", 27), ("KW", 30), ("KZ", 20), ("LI", 21), ("LT", 20),
    ("LU", 20), ("LV", 21), ("MC", 27), ("MD", 24), ("ME", 22), ("MK", 19), ("MT", 31), ("NL", 18), ("NO", 15),
    ("PL", 28), ("PT", 25), ("RO", 24), ("RS", 22), ("SA", 24), ("SE", 24), ("SI", 19), ("SK", 24), ("SM", 27),
    ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("XK", 20),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Iban {
    /// Without spaces, upper case.
    pub number: String,
    /// Whether the check digits (ISO 7064, mod 97-10) agree.
    pub valid: bool,
}

/// Everything that looks like an IBAN and has the length of a known country, with a valid checksum or not.
pub fn find(text: &str) -> Vec<Found<Iban>> {
    let mut found: Vec<Found<Iban>> = Vec::new();
    for (at, _) in text.char_indices() {
        let inside = found.last().is_some_and(|last| at < last.range.end);
        let glued = text[..at].ends_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase());
        if !inside
            && !glued
            && let Some(iban) = read_at(text, at)
        {
            found.push(iban);
        }
    }
    found
}

fn read_at(text: &str, at: usize) -> Option<Found<Iban>> {
    let country = text.get(at..at + 2)?;
    let (_, length) = LENGTHS.iter().find(|(code, _)| *code == country)?;
    let mut number = String::with_capacity(*length);
    let mut last_was_gap = false;
    for (offset, c) in text[at..].char_indices() {
        match c {
            'A'..='Z' | '0'..='9' => {
                let expects_digit = (2..4).contains(&number.len());
                if expects_digit && !c.is_ascii_digit() {
                    return None;
                }
                number.push(c);
                last_was_gap = false;
            }
            ' ' | '\u{a0}' | '-' | '\t' if !last_was_gap => last_was_gap = true,
            _ => return None,
        }
        if number.len() == *length {
            let end = at + offset + 1;
            let goes_on = text[end..].starts_with(|c: char| c.is_alphanumeric());
            let valid = checksum(&number);
            return (!goes_on).then_some(Found {
                value: Iban { number, valid },
                range: at..end,
            });
        }
    }
    None
}

/// ISO 7064 mod 97-10 over the number with its first four characters moved to the end.
pub fn checksum(number: &str) -> bool {
    if !number.is_ascii() || number.len() < 5 {
        return false;
    }
    let (head, tail) = number.split_at(4);
    remainder_97(tail.chars().chain(head.chars())) == Some(1)
}

/// The remainder modulo 97 of a number written in digits and letters, where `A` is 10 and `Z` is 35.
pub fn remainder_97(chars: impl Iterator<Item = char>) -> Option<u32> {
    let mut remainder = 0;
    for c in chars {
        let digit = c.to_digit(36)?;
        remainder = (remainder * if digit < 10 { 10 } else { 100 } + digit) % 97;
    }
    Some(remainder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of the IBAN registry.
    const REGISTRY: [&str; 8] = [
        "DE89 3704 0044 0532 0130 00",
        "AT61 1904 3002 3457 3201",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NL91 ABNA 0417 1643 00",
        "PL61 1090 1014 0000 0712 1981 2874",
        "GB29 NWBK 6016 1331 9268 19",
        "BE68 5390 0754 7034",
        "CH93 0076 2011 6238 5295 7",
    ];

    #[test]
    fn registry_examples_are_valid() {
        for text in REGISTRY {
            let line = format!("IBAN: {text} BIC COBADEFF");
            let found = find(&line);
            assert_eq!(found.len(), 1, "{line}");
            assert!(found[0].value.valid, "{line}");
            assert_eq!(found[0].value.number, text.replace(' ', ""));
            assert_eq!(&line[found[0].range.clone()], text);
        }
    }

    #[test]
    fn any_changed_digit_fails() {
        for text in REGISTRY {
            let number = text.replace(' ', "");
            for at in 4..number.len() {
                let mut other: Vec<u8> = number.clone().into_bytes();
                if other[at].is_ascii_digit() {
                    other[at] = b'0' + (other[at] - b'0' + 1) % 10;
                    assert!(!checksum(&String::from_utf8_lossy(&other)), "{number} at {at}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_iban() {
        for text in [
            "DE 80333 München",
            "DE89 3704 0044",
            "DE893704004405320130001",
            "XX89370400440532013000",
            "DEé",
            "",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
        assert!(!find("DE12123456781234567890")[0].value.valid);
    }
}
