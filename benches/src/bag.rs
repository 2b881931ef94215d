//! Words of two texts compared as bags: reading order does not matter, how often a word stands there does.

use std::collections::HashMap;

/// Counts over a set of documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlap {
    pub shared: usize,
    pub found: usize,
    pub wanted: usize,
}

fn bag(text: &str) -> HashMap<String, usize> {
    let lower = text.to_lowercase();
    let words = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty());
    words.fold(HashMap::new(), |mut bag, word| {
        *bag.entry(word.to_owned()).or_default() += 1;
        bag
    })
}

impl Overlap {
    pub fn add(&mut self, truth: &str, found: &str) {
        let (truth, found) = (bag(truth), bag(found));
        self.shared += truth
            .iter()
            .map(|(word, n)| found.get(word).map_or(0, |m| *n.min(m)))
            .sum::<usize>();
        self.found += found.values().sum::<usize>();
        self.wanted += truth.values().sum::<usize>();
    }

    pub fn precision(&self) -> f64 {
        self.shared as f64 / self.found.max(1) as f64
    }

    pub fn recall(&self) -> f64 {
        self.shared as f64 / self.wanted.max(1) as f64
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        2.0 * self.shared as f64 / (self.found + self.wanted).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_as_often_as_it_stands_there() {
        let mut overlap = Overlap::default();
        overlap.add("Total total: 5", "TOTAL 5 5");
        assert_eq!(
            overlap,
            Overlap {
                shared: 2,
                found: 3,
                wanted: 3
            }
        );
    }
}
