//! Simulates what scanning, OCR and typesetting do to a text.

use models::rng::SplitMix64;

/// Characters that OCR confuses, in both directions.
const CONFUSIONS: &[(&str, &str)] = &[
    ("rn", "m"),
    ("l", "1"),
    ("I", "l"),
    ("O", "0"),
    ("o", "0"),
    ("S", "5"),
    ("B", "8"),
    ("e", "c"),
    ("a", "o"),
    ("h", "b"),
    ("u", "n"),
    ("t", "f"),
    ("i", "j"),
    ("cl", "d"),
    ("vv", "w"),
    ("ri", "n"),
    ("g", "q"),
    ("Z", "2"),
    ("G", "6"),
    ("s", "a"),
    ("i", "l"),
    ("t", "l"),
    ("f", "r"),
    ("ü", "ii"),
    ("ä", "a"),
    ("ö", "o"),
    ("ß", "B"),
    ("é", "e"),
    ("è", "e"),
    ("C", "c"),
    ("D", "O"),
    ("E", "F"),
    ("li", "h"),
    ("n", "ri"),
    ("y", "v"),
    ("nn", "m"),
    (",", "."),
    (":", ";"),
    ("ff", "f"),
    ("T", "I"),
];

const SPECKS: &[&str] = &[
    ".", ",", "'", "|", "-", "_", "~", ":", "*", "‘", "°", "i", "l", "1", ";", "—", "\\", "=", "a", "Z",
];

/// How badly a document was scanned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Damage {
    /// Fraction of characters that are misread.
    pub characters: f64,
    /// Fraction of words that are lost, split, or joined to the next.
    pub words: f64,
    /// Fraction of lines with a speck that is read as a word.
    pub specks: f64,
}

impl Damage {
    /// Four of ten documents are clean (text layers), most others are scanned well, some badly.
    pub fn draw(rng: &mut SplitMix64) -> Damage {
        let level = match rng.below(10) {
            0..4 => 0.0,
            4..7 => 0.01 + 0.02 * rng.unit(),
            7..9 => 0.03 + 0.05 * rng.unit(),
            _ => 0.08 + 0.10 * rng.unit(),
        };
        Damage {
            characters: level,
            words: level * 0.6,
            specks: level * 1.5,
        }
    }
}

/// A scanned copy of the text. Line breaks are kept, and some are added.
pub fn scan(text: &str, damage: Damage, rng: &mut SplitMix64) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if rng.chance(damage.specks) {
            out.push_str(pick(SPECKS, rng));
            out.push(' ');
        }
        for word in line.split_whitespace() {
            scan_word(word, damage, rng, &mut out);
            if rng.chance(damage.words * 0.5) {
                out.push('\n');
            }
        }
        out.push('\n');
    }
    out
}

fn scan_word(word: &str, damage: Damage, rng: &mut SplitMix64, out: &mut String) {
    if rng.chance(damage.words * 0.4) {
        return;
    }
    let word = confused(word, damage.characters, rng);
    let middle = word.char_indices().nth(word.chars().count() / 2).map_or(0, |(i, _)| i);
    if middle > 0 && rng.chance(damage.words * 0.4) {
        out.push_str(&word[..middle]);
        out.push(' ');
        out.push_str(&word[middle..]);
    } else {
        out.push_str(&word);
    }
    if !rng.chance(damage.words * 0.2) {
        out.push(' ');
    }
}

fn confused(word: &str, share: f64, rng: &mut SplitMix64) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let (read, by) = if rng.chance(share) {
            misread(rest, rng)
        } else {
            (c.len_utf8(), None)
        };
        match by {
            Some(by) => out.push_str(by),
            None => out.push_str(&rest[..read]),
        }
        rest = &rest[read..];
    }
    out
}

/// How many bytes are misread, and as what. A character without a known confusion becomes a speck.
fn misread(rest: &str, rng: &mut SplitMix64) -> (usize, Option<&'static str>) {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let both_ways = CONFUSIONS.iter().flat_map(|&(a, b)| [(a, b), (b, a)]);
    let known: Vec<(&str, &str)> = both_ways.filter(|(from, _)| rest.starts_with(from)).collect();
    if known.is_empty() || rng.chance(0.1) {
        return (first, Some(pick(SPECKS, rng)));
    }
    let (from, to) = known[rng.below(known.len())];
    (from.len(), Some(to))
}

fn pick<'a>(from: &[&'a str], rng: &mut SplitMix64) -> &'a str {
    from[rng.below(from.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_damage_changes_nothing_and_damage_something() {
        let text = "Rechnung Nr. 4711\nSumme 12,50 EUR";
        let none = Damage {
            characters: 0.0,
            words: 0.0,
            specks: 0.0,
        };
        let scanned = scan(text, none, &mut SplitMix64::new(1));
        assert_eq!(
            scanned.split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
        let bad = Damage {
            characters: 0.3,
            words: 0.3,
            specks: 0.3,
        };
        assert_ne!(scan(text, bad, &mut SplitMix64::new(1)), scanned);
    }
}
