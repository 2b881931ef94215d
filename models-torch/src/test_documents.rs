//! Documents of two kinds, for tests.

use models::LabelledDocument;
use models::TextNetSettings;
use models::rng::SplitMix64;
use models::text_page;

const LETTER: &[&str] = &[
    "dear",
    "madam",
    "regards",
    "sincerely",
    "thank",
    "letter",
    "hope",
    "visit",
    "yours",
    "hear",
];
const ORDER: &[&str] = &[
    "order", "quantity", "price", "goods", "deliver", "list", "article", "unit", "discount", "ship",
];
const BOTH: &[&str] = &["we", "the", "of", "and", "your", "to", "for", "in", "please", "with"];

/// `each` documents of each kind, alternating.
pub(crate) fn letters_and_orders(each: usize) -> Vec<LabelledDocument> {
    let mut rng = SplitMix64::new(7);
    let mut text = |words: &[&str]| {
        let mut word = || {
            if rng.chance(0.5) {
                words[rng.below(words.len())]
            } else {
                BOTH[rng.below(BOTH.len())]
            }
        };
        (0..30).map(|_| word()).collect::<Vec<_>>().join(" ")
    };
    let mut document = |label: &str, words| LabelledDocument {
        label: label.to_owned(),
        group: None,
        pages: vec![text_page(&text(words))],
    };
    (0..each)
        .flat_map(|_| [document("letter", LETTER), document("order", ORDER)])
        .collect()
}

/// Settings for a training that takes a second.
pub(crate) fn quick() -> TextNetSettings {
    TextNetSettings {
        embedding: 16,
        filters: 16,
        batch: 8,
        epochs: 20,
        learning_rate: 1e-2,
        ..TextNetSettings::default()
    }
}
