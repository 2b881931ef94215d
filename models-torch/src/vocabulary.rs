//! Documents as rows of token numbers.

use models::tokens::tokens_of;
use queue_schema::document::Page;
use std::collections::{HashMap, HashSet};

/// Fills the rows of a batch that are shorter than its longest.
pub(crate) const PADDING: i64 = 0;
/// Every token that is not in the vocabulary.
pub(crate) const UNKNOWN: i64 = 1;
/// The number of the vocabulary's first token.
const FIRST: i64 = 2;

/// The hashes of a document's first `max_tokens` tokens, in reading order.
pub(crate) fn token_hashes(pages: &[Page], max_tokens: usize) -> Vec<u64> {
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
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The tokens a model knows, by their hashes: a model file then holds no word of the documents it has learnt from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Vocabulary {
    /// Ascending.
    hashes: Vec<u64>,
}

impl Vocabulary {
    /// The tokens of at least `min_documents` documents, of these the `max_tokens` that most documents have.
    pub fn fit<'a>(documents: impl Iterator<Item = &'a [u64]>, min_documents: usize, max_tokens: usize) -> Self {
        let mut with: HashMap<u64, usize> = HashMap::new();
        for document in documents {
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
        let mut hashes: Vec<u64> = known.into_iter().map(|(_, hash)| hash).collect();
        hashes.sort_unstable();
        Vocabulary { hashes }
    }

    /// Of hashes that must be ascending; `None` if they are not.
    pub fn from_hashes(hashes: Vec<u64>) -> Option<Self> {
        hashes.is_sorted_by(|a, b| a < b).then_some(Vocabulary { hashes })
    }

    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Token numbers are below this: the vocabulary's, padding and unknown.
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
    use models::text_page;

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
    }

    #[test]
    fn hashes_out_of_order_are_refused() {
        assert!(Vocabulary::from_hashes(vec![2, 1]).is_none());
    }
}
