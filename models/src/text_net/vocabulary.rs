//! Documents as sequences of token numbers.

use crate::tokens::tokens_of;
use queue_schema::document::Page;
use std::collections::{HashMap, HashSet};

/// Pads the rows of a batch that are shorter than its longest. Token numbers have the type that torch expects.
pub const PADDING: i64 = 0;
/// Stands for every token that is not in the vocabulary.
pub const UNKNOWN: i64 = 1;
/// The number of the vocabulary's first token.
const FIRST: i64 = 2;

/// The hashes of a document's first `max_tokens` tokens, in reading order.
pub fn token_hashes(pages: &[Page], max_tokens: usize) -> Vec<u64> {
    let mut hashes = Vec::new();
    for word in pages.iter().flat_map(|page| &page.words) {
        if hashes.len() >= max_tokens {
            break;
        }
        tokens_of(&word.text, |token| hashes.push(fnv1a(token.as_bytes())));
    }
    hashes.truncate(max_tokens);
    hashes
}

/// FNV-1a, 64 bits.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The tokens that a model knows, stored as hashes, so that a model file contains no words of its training documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    /// Ascending.
    hashes: Vec<u64>,
    /// For each: `ln((1 + documents) / (1 + documents with it)) + 1`.
    idf: Vec<f32>,
}

impl Vocabulary {
    /// The tokens that occur in at least `min_documents` documents; of these, the `max_tokens` most frequent.
    pub fn fit<'a>(documents: impl Iterator<Item = &'a [u64]>, min_documents: usize, max_tokens: usize) -> Self {
        let mut with: HashMap<u64, usize> = HashMap::new();
        let mut all = 0;
        for document in documents {
            all += 1;
            for hash in document.iter().collect::<HashSet<_>>() {
                *with.entry(*hash).or_default() += 1;
            }
        }
        let mut known: Vec<(usize, u64)> = with
            .into_iter()
            .filter(|(_, n)| *n >= min_documents)
            .map(|(hash, n)| (n, hash))
            .collect();
        known.sort_unstable_by(|a, b| b.cmp(a));
        known.truncate(max_tokens);
        known.sort_unstable_by_key(|(_, hash)| *hash);
        let idf = |n: usize| ((1 + all) as f32 / (1 + n) as f32).ln() + 1.0;
        let (hashes, idf) = known.into_iter().map(|(n, hash)| (hash, idf(n))).unzip();
        Vocabulary { hashes, idf }
    }

    /// `None` unless the hashes are ascending and there is one weight per hash, finite and above 0.
    pub fn from_parts(hashes: Vec<u64>, idf: Vec<f32>) -> Option<Self> {
        let sound = hashes.is_sorted_by(|a, b| a < b)
            && hashes.len() == idf.len()
            && idf.iter().all(|w| w.is_finite() && *w > 0.0);
        sound.then_some(Vocabulary { hashes, idf })
    }

    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    pub fn idf(&self) -> &[f32] {
        &self.idf
    }

    /// Weight of each token number: its rarity. Padding has weight 0, the unknown token the same as a token that every document
    /// has.
    pub fn weights(&self) -> Vec<f32> {
        [0.0, 1.0].into_iter().chain(self.idf.iter().copied()).collect()
    }

    /// Number of token numbers: the vocabulary, padding and unknown.
    pub fn rows(&self) -> usize {
        self.hashes.len() + FIRST as usize
    }

    pub fn encode(&self, document: &[u64]) -> Vec<i64> {
        let number = |hash: &u64| self.hashes.binary_search(hash).map_or(UNKNOWN, |at| at as i64 + FIRST);
        document.iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text_page::text_page;

    #[test]
    fn tokens_beyond_the_cap_are_not_read() {
        let pages = [text_page("one two"), text_page("three four")];
        assert_eq!(
            token_hashes(&pages, 3),
            ["one", "two", "three"].map(|t| fnv1a(t.as_bytes()))
        );
    }

    #[test]
    fn rare_tokens_are_unknown_and_the_commonest_stay() {
        let documents: [&[u64]; 3] = [&[7, 7, 5], &[7, 5, 9], &[7, 8]];
        let vocabulary = Vocabulary::fit(documents.into_iter(), 2, 10);
        assert_eq!(vocabulary.encode(&[5, 7, 8, 7]), [2, 3, UNKNOWN, 3]);
        assert_eq!(Vocabulary::fit(documents.into_iter(), 1, 1).hashes(), [7]);
        assert_eq!(vocabulary.weights(), [0.0, 1.0, (4f32 / 3.0).ln() + 1.0, 1.0]);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        assert!(Vocabulary::from_parts(vec![1, 2], vec![1.0, 1.0]).is_some());
        assert!(Vocabulary::from_parts(vec![2, 1], vec![1.0, 1.0]).is_none());
        assert!(Vocabulary::from_parts(vec![1, 2], vec![1.0]).is_none());
        assert!(Vocabulary::from_parts(vec![1], vec![f32::NAN]).is_none());
    }
}
