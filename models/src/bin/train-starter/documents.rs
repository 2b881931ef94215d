//! Generates the starter's training documents from the grammars.

use crate::grammar::Grammar;
use crate::noise::{Damage, scan};
use models::rng::SplitMix64;
use models::{LabelledDocument, STARTER_CATEGORIES, text_page};

/// Languages and their relative share of each category's documents.
const LANGUAGES: [(&str, usize); 3] = [("en", 5), ("de", 4), ("fr", 2)];

macro_rules! grammars {
    ($($language:literal: $($file:literal),+;)+) => {
        &[$($(($language, include_str!(concat!("grammars/", $file)))),+),+]
    };
}

const GRAMMARS: &[(&str, &str)] = grammars! {
    "": "common.txt";
    "en": "en-words.txt", "en-business.txt", "en-letter.txt", "en-contract.txt", "en-form.txt", "en-other.txt";
    "de": "de-words.txt", "de-business.txt", "de-letter.txt", "de-contract.txt", "de-form.txt", "de-other.txt";
    "fr": "fr-words.txt", "fr-all.txt";
};

pub fn grammar() -> Grammar {
    let mut grammar = Grammar::default();
    for (language, text) in GRAMMARS {
        grammar.add(language, text);
    }
    grammar
}

/// `a_category` documents of each category, the same for the same seed. Documents from one alternative of a category's rule
/// form a group, so that the held-out figures are about kinds of documents that were not in the training.
pub fn documents(grammar: &Grammar, a_category: usize, seed: u64) -> Result<Vec<LabelledDocument>, String> {
    let mut rng = SplitMix64::new(seed);
    let shares: usize = LANGUAGES.iter().map(|(_, share)| share).sum();
    let mut documents = Vec::new();
    for category in STARTER_CATEGORIES {
        for (language, share) in LANGUAGES {
            for i in 0..a_category * share / shares {
                let alternative = i % grammar.alternatives(language, category).max(1);
                let text = grammar.expand(language, category, alternative, &mut rng)?;
                documents.push(LabelledDocument {
                    label: category.to_owned(),
                    group: Some(format!("{language} {category} {alternative}")),
                    pages: vec![text_page(&printed(grammar, language, &text, &mut rng)?)],
                });
            }
        }
    }
    Ok(documents)
}

/// The text as OCR would return it: cells side by side or below each other, possibly only a part of the text, with the marks
/// that printers, scanners and archives add, and with the scan's damage.
fn printed(grammar: &Grammar, language: &str, text: &str, rng: &mut SplitMix64) -> Result<String, String> {
    let border = if rng.chance(0.35) { "\n" } else { " " };
    let mut lines: Vec<String> = text.replace('¦', border).lines().map(str::to_owned).collect();
    crop(&mut lines, rng);
    for _ in 0..rng.below(3) {
        let alternatives = grammar.alternatives(language, "stamp");
        let stamp = grammar.expand(language, "stamp", rng.below(alternatives), rng)?;
        let at = if rng.chance(0.5) { 0 } else { lines.len() };
        lines.insert(at, stamp);
    }
    let width = if rng.chance(0.3) {
        25 + rng.below(30)
    } else {
        60 + rng.below(50)
    };
    let text = wrapped(&lines, width);
    let text = match rng.below(20) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        _ => text,
    };
    Ok(scan(&text, Damage::draw(rng), rng))
}

/// Breaks lines longer than `width` characters between words, like a printed column.
fn wrapped(lines: &[String], width: usize) -> String {
    let mut out = String::new();
    for line in lines {
        let mut column = 0;
        for word in line.split_whitespace() {
            let length = word.chars().count() + 1;
            if column > 0 && column + length > width {
                out.push('\n');
                column = 0;
            }
            out.push_str(word);
            out.push(' ');
            column += length;
        }
        out.push('\n');
    }
    out
}

/// Removes the first or last lines of one document in five, but never more than half.
fn crop(lines: &mut Vec<String>, rng: &mut SplitMix64) {
    if !rng.chance(0.2) {
        return;
    }
    let lost = rng.below(lines.len() / 2 + 1);
    if rng.chance(0.5) {
        lines.drain(..lost);
    } else {
        lines.truncate(lines.len() - lost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alternative_of_every_category_expands() {
        let grammar = grammar();
        for (language, _) in LANGUAGES {
            for category in STARTER_CATEGORIES {
                let alternatives = grammar.alternatives(language, category);
                assert!(alternatives >= 2, "{language} {category} has {alternatives}");
                for (alternative, seed) in (0..alternatives).flat_map(|a| (0..20).map(move |seed| (a, seed))) {
                    let text = grammar.expand(language, category, alternative, &mut SplitMix64::new(seed));
                    assert!(
                        text.as_ref().is_ok_and(|t| t.len() > 30),
                        "{language} {category} {alternative}: {text:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_documents() {
        let grammar = grammar();
        assert_eq!(documents(&grammar, 11, 3), documents(&grammar, 11, 3));
        assert_ne!(documents(&grammar, 11, 3), documents(&grammar, 11, 4));
    }
}
