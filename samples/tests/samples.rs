//! The samples are what their expectations say: readable, and consistent in themselves.

use pages::{Document, Limits};
use queue_schema::document::PageSource;
use samples::{Expected, all};
use std::fs;

/// They come with the sources, so they must stay small.
const LARGEST: u64 = 300 << 10;

#[test]
fn there_are_eight_small_ones_of_every_category() {
    let samples = all().expect("the samples");
    assert_eq!(samples.len(), 8);
    for sample in &samples {
        let size = fs::metadata(&sample.path).expect("the document").len();
        assert!(size < LARGEST, "{} has {size} bytes", sample.name);
    }
    for category in ["contract", "form", "invoice", "letter", "other", "receipt"] {
        assert!(samples.iter().any(|s| s.expected.category == category), "no {category}");
    }
}

#[test]
fn pages_and_their_words_are_as_expected() {
    for sample in all().expect("the samples") {
        let document = Document::open(&sample.path, &Limits::default()).expect("opens");
        assert_eq!(document.page_count(), sample.expected.page_count(), "{}", sample.name);
        for (n, page) in sample.expected.pages.iter().enumerate() {
            let layer = document.text_layer(n).expect("a readable page");
            let words: Vec<String> = layer
                .into_iter()
                .flat_map(|layer| layer.words)
                .map(|word| word.text)
                .collect();
            if page.source == PageSource::Ocr {
                assert!(words.is_empty(), "{} page {} has text", sample.name, n + 1);
                continue;
            }
            for expected in &page.words {
                let there = words.iter().any(|word| word.contains(expected.as_str()));
                assert!(there, "{} page {} lacks {expected}", sample.name, n + 1);
            }
        }
    }
}

#[test]
fn amounts_add_up_and_numbers_have_valid_check_digits() {
    for sample in all().expect("the samples") {
        let expected = &sample.expected;
        if let (Some(net), Some(tax), Some(total)) =
            (cents(expected, "net"), cents(expected, "tax"), cents(expected, "total"))
        {
            assert_eq!(net + tax, total, "{}", sample.name);
        }
        assert!(expected.values("iban").all(is_iban), "{}", sample.name);
        assert!(expected.values("vat_id").all(is_vat_id), "{}", sample.name);
    }
}

fn cents(expected: &Expected, label: &str) -> Option<i64> {
    expected
        .values(label)
        .next()
        .map(|value| value.replace('.', "").parse().expect("an amount"))
}

/// ISO 13616: with the first four characters moved to the end and letters as numbers, the remainder by 97 is 1.
fn is_iban(iban: &str) -> bool {
    let (head, rest) = iban.split_at(4);
    let digits = rest
        .chars()
        .chain(head.chars())
        .map(|c| c.to_digit(36).expect("a digit or letter").to_string());
    remainder_of_97(&digits.collect::<String>()) == 1
}

fn is_vat_id(id: &str) -> bool {
    let (country, digits) = id.split_at(2);
    let digits: Vec<u32> = digits.chars().map(|c| c.to_digit(10).expect("a digit")).collect();
    match country {
        // ISO 7064, MOD 11,10.
        "DE" => {
            let product = digits[..8].iter().fold(10, |product, digit| {
                let sum = (digit + product) % 10;
                (2 * if sum == 0 { 10 } else { sum }) % 11
            });
            digits.len() == 9 && (11 - product) % 10 == digits[8]
        }
        // HM Revenue & Customs: weights 8 to 2, the check number brings the sum to a multiple of 97.
        "GB" => {
            let sum: u32 = digits[..7]
                .iter()
                .zip((2..=8).rev())
                .map(|(digit, weight)| digit * weight)
                .sum();
            digits.len() == 9 && (sum + 10 * digits[7] + digits[8]).is_multiple_of(97)
        }
        _ => false,
    }
}

fn remainder_of_97(digits: &str) -> u32 {
    digits.chars().fold(0, |remainder, c| {
        (remainder * 10 + c.to_digit(10).expect("a digit")) % 97
    })
}
