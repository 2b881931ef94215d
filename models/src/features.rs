//! Documents as sparse vectors: hashed TF-IDF of words and pairs of neighbours, and a block of layout figures.
//!
//! Hashing (Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009) needs no dictionary, so a
//! model's size does not depend on its training documents. Buckets that too few training documents used are dropped.

use crate::layout::{LAYOUT_FIGURES, layout_figures};
use crate::rng::mix;
use crate::tokens::tokens_of;
use queue_schema::document::Page;
use serde::{Deserialize, Serialize};

/// How a document is turned into features. Stored in the model file, because the same must be done when the model is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureSettings {
    /// The number of buckets is `2^hash_bits`; 8 to 22.
    pub hash_bits: u8,
    /// Whether pairs of neighbouring tokens of a line are features too.
    pub bigrams: bool,
    /// The first characters of longer words, this many, are features too: they survive inflection, compounds and an OCR error
    /// at the end. 0: none.
    pub prefix: u8,
    /// Most words to read from the document's start: the kind of a document shows on its first pages.
    pub max_words: usize,
    /// Fewest training documents that a bucket must occur in.
    pub min_documents: u32,
    /// Length of the layout block relative to the text block, whose length is 1. 0: no layout.
    pub layout_weight: f32,
}

impl Default for FeatureSettings {
    fn default() -> Self {
        FeatureSettings {
            hash_bits: 18,
            bigrams: true,
            prefix: 0,
            max_words: 3000,
            min_documents: 2,
            layout_weight: 0.5,
        }
    }
}

/// A document before weighting: how often each bucket occurs (ascending by bucket), and the layout figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    pub buckets: Vec<(u32, f32)>,
    pub layout: [f32; LAYOUT_FIGURES],
    /// Number of words read.
    pub words: usize,
}

/// `(index, value)`, ascending by index.
pub type SparseVector = Vec<(u32, f32)>;

/// Counts a document's features.
pub fn count(pages: &[Page], settings: &FeatureSettings) -> Counts {
    let mut hashes = Vec::new();
    let mut words = 0;
    for page in pages {
        let left = settings.max_words.saturating_sub(words);
        for line in page.words[..page.words.len().min(left)].chunk_by(|a, b| a.line == b.line) {
            words += line.len();
            hash_line(line.iter().map(|w| w.text.as_str()), settings, &mut hashes);
        }
    }
    let layout = layout_figures(pages, settings.max_words);
    Counts {
        buckets: run_lengths(hashes),
        layout,
        words,
    }
}

fn hash_line<'a>(words: impl Iterator<Item = &'a str>, settings: &FeatureSettings, hashes: &mut Vec<u32>) {
    let mut previous: Option<u64> = None;
    let mut emit = |token: &str| {
        let hash = hash_token(token, b'w');
        hashes.push(bucket(hash, settings.hash_bits));
        if let Some(head) = head_of(token, settings.prefix) {
            hashes.push(bucket(hash_token(head, b'p'), settings.hash_bits));
        }
        if let (true, Some(before)) = (settings.bigrams, previous) {
            hashes.push(bucket(mix(before.rotate_left(23) ^ hash), settings.hash_bits));
        }
        previous = Some(hash);
    };
    words
        .flat_map(str::split_whitespace)
        .for_each(|word| tokens_of(word, &mut emit));
}

/// The first `chars` characters of a word that is longer than that.
fn head_of(token: &str, chars: u8) -> Option<&str> {
    if chars == 0 || token.starts_with('#') {
        return None;
    }
    token
        .char_indices()
        .nth(usize::from(chars))
        .map(|(end, _)| &token[..end])
}

/// FNV-1a, seeded by the kind of feature, so that a head never equals a word.
fn hash_token(token: &str, kind: u8) -> u64 {
    std::iter::once(kind)
        .chain(token.bytes())
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        })
}

fn bucket(hash: u64, bits: u8) -> u32 {
    (mix(hash) >> (64 - u32::from(bits))) as u32
}

fn run_lengths(mut hashes: Vec<u32>) -> Vec<(u32, f32)> {
    hashes.sort_unstable();
    hashes
        .chunk_by(|a, b| a == b)
        .map(|run| (run[0], run.len() as f32))
        .collect()
}

/// The buckets that a model knows, and how rare they are.
#[derive(Debug, Clone, PartialEq)]
pub struct TfIdf {
    /// Known buckets, ascending. The position of a bucket is its index in vectors and weights.
    pub buckets: Vec<u32>,
    /// For each known bucket: `ln((1 + documents) / (1 + documents with it)) + 1`.
    pub idf: Vec<f32>,
    pub layout_weight: f32,
}

impl TfIdf {
    /// Learns the known buckets and their rarity from training documents.
    pub fn fit<'a>(documents: impl Iterator<Item = &'a Counts>, settings: &FeatureSettings) -> Self {
        let mut with = vec![0u32; 1 << settings.hash_bits];
        let mut all = 0u32;
        for document in documents {
            all += 1;
            for &(bucket, _) in &document.buckets {
                with[bucket as usize] += 1;
            }
        }
        let known = |&(_, n): &(usize, &u32)| *n >= settings.min_documents.max(1);
        let (buckets, idf) = with
            .iter()
            .enumerate()
            .filter(known)
            .map(|(bucket, &n)| (bucket as u32, (f64::from(1 + all) / f64::from(1 + n)).ln() as f32 + 1.0))
            .unzip();
        TfIdf {
            buckets,
            idf,
            layout_weight: settings.layout_weight,
        }
    }

    /// The length of the vectors: the known buckets, followed by the layout figures.
    pub fn dimension(&self) -> usize {
        self.buckets.len() + LAYOUT_FIGURES
    }

    /// The document's vector, its text block scaled to length 1. Unknown buckets are left out. Also returns how many different
    /// known features the document has.
    pub fn vector(&self, document: &Counts) -> (SparseVector, usize) {
        let mut vector: SparseVector = document
            .buckets
            .iter()
            .filter_map(|&(bucket, n)| {
                let index = self.buckets.binary_search(&bucket).ok()?;
                Some((index as u32, (1.0 + n.ln()) * self.idf[index]))
            })
            .collect();
        let known = vector.len();
        let length = vector.iter().map(|(_, x)| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|(_, x)| *x /= length);
        }
        if self.layout_weight > 0.0 {
            let first = self.buckets.len() as u32;
            vector.extend((first..).zip(document.layout.map(|x| x * self.layout_weight)));
        }
        (vector, known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text_page::text_page as page;

    fn settings() -> FeatureSettings {
        FeatureSettings {
            min_documents: 1,
            ..FeatureSettings::default()
        }
    }

    #[test]
    fn words_and_pairs_within_a_line_are_counted() {
        let one_line = count(&[page("invoice total invoice")], &settings());
        assert_eq!(one_line.buckets.iter().map(|(_, n)| *n).sum::<f32>(), 5.0);
        assert_eq!(one_line.words, 3);
        let two_lines = count(&[page("invoice\ntotal\ninvoice")], &settings());
        assert_eq!(two_lines.buckets.len(), 2);
    }

    #[test]
    fn heads_of_long_words_are_shared() {
        let with_heads = FeatureSettings {
            bigrams: false,
            prefix: 5,
            ..settings()
        };
        let (a, b) = (
            count(&[page("Rechnungsnummer")], &with_heads),
            count(&[page("Rechnung")], &with_heads),
        );
        assert_eq!(a.buckets.iter().filter(|f| b.buckets.contains(f)).count(), 1);
    }

    #[test]
    fn reading_stops_at_the_cap() {
        let capped = FeatureSettings {
            max_words: 2,
            ..settings()
        };
        assert_eq!(count(&[page("a b"), page("c d")], &capped).words, 2);
    }

    #[test]
    fn vectors_have_length_one_and_know_only_what_was_learnt() {
        let documents = [
            count(&[page("red apple")], &settings()),
            count(&[page("green apple")], &settings()),
        ];
        let tfidf = TfIdf::fit(
            documents.iter(),
            &FeatureSettings {
                layout_weight: 0.0,
                ..settings()
            },
        );
        let (vector, known) = tfidf.vector(&documents[0]);
        assert_eq!(known, 3);
        assert!((vector.iter().map(|(_, x)| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
        assert_eq!(tfidf.vector(&count(&[page("pear")], &settings())), (vec![], 0));
    }
}
