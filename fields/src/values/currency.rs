//! Currencies: ISO 4217 codes, and signs and words for them.

use crate::values::text::{Found, compact};

/// Codes that documents use. Rarer codes that are also words of some language (`ALL`, `TOP`) are left out on purpose.
const CODES: [&str; 38] = [
    "EUR", "USD", "GBP", "CHF", "PLN", "CZK", "HUF", "DKK", "SEK", "NOK", "RON", "BGN", "ISK", "TRY", "UAH", "JPY",
    "CNY", "INR", "MYR", "SGD", "HKD", "THB", "IDR", "PHP", "KRW", "TWD", "VND", "AUD", "NZD", "CAD", "MXN", "BRL",
    "ZAR", "AED", "SAR", "ILS", "DEM", "FRF",
];

/// Signs that may touch a number, longest first, so that `S$` is not read as `$`.
const SIGNS: [(&str, &str); 20] = [
    ("US$", "USD"),
    ("HK$", "HKD"),
    ("NZ$", "NZD"),
    ("NT$", "TWD"),
    ("C$", "CAD"),
    ("A$", "AUD"),
    ("S$", "SGD"),
    ("R$", "BRL"),
    ("€", "EUR"),
    ("$", "USD"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("₺", "TRY"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("฿", "THB"),
    ("₩", "KRW"),
];

/// Words for a currency, compacted.
const WORDS: [(&str, &str); 12] = [
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("rm", "MYR"),
    ("ringgit", "MYR"),
    ("zl", "PLN"),
    ("zloty", "PLN"),
    ("zlotych", "PLN"),
    ("sfr", "CHF"),
    ("franken", "CHF"),
    ("rs", "INR"),
    ("dollars", "USD"),
    ("rp", "IDR"),
];

/// Every mention of a currency in a text, in order.
pub fn find(text: &str) -> Vec<Found<&'static str>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some((sign, code)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign))
            && sign_stands_alone(sign, &text[..at], &rest[sign.len()..])
        {
            found.push(Found {
                value: *code,
                range: at..at + sign.len(),
            });
            at += sign.len();
        } else if c.is_alphabetic() {
            let len = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            if let Some(code) = named(&rest[..len]) {
                found.push(Found {
                    value: code,
                    range: at..at + len,
                });
            }
            at += len;
        } else {
            at += c.len_utf8();
        }
    }
    found
}

/// A sign that begins or ends with a letter must not be part of a longer word.
fn sign_stands_alone(sign: &str, before: &str, after: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    !(letter(sign.chars().next()) && letter(before.chars().next_back())
        || letter(sign.chars().next_back()) && letter(after.chars().next()))
}

/// The currency named by a whole word.
fn named(word: &str) -> Option<&'static str> {
    if word.len() == 3
        && let Some(code) = CODES.iter().find(|code| **code == word)
    {
        return Some(code);
    }
    // In lower case, `rs` and `rm` have other meanings.
    let short = word.len() == 2 && !word.starts_with(|c: char| c.is_uppercase()) && word != "zl";
    let word = compact(word);
    WORDS
        .iter()
        .find(|(name, _)| !short && *name == word)
        .map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_codes_and_words() {
        for (text, want) in [
            ("104,90 €", vec!["EUR"]),
            ("TOTAL RM 9.00", vec!["MYR"]),
            ("RM9.00", vec!["MYR"]),
            ("S$4.00 US$5", vec!["SGD", "USD"]),
            ("$ 12 (USD)", vec!["USD", "USD"]),
            ("DEVISE : EURO (EUR)", vec!["EUR", "EUR"]),
            ("316,83 zł brutto", vec!["PLN"]),
            ("złoty", vec!["PLN"]),
            ("CHF 12.-", vec!["CHF"]),
            ("EUROPA Neurology farm Rs", vec!["INR"]),
            ("eur", vec![]),
        ] {
            assert_eq!(find(text).iter().map(|f| f.value).collect::<Vec<_>>(), want, "{text}");
        }
    }
}
