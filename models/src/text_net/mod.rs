//! The neural classifier: its settings, and the use of a trained one. `models-torch` trains it.

mod file;
mod network;
mod vocabulary;

pub use network::{Network, Shape, WIDTH, Weights};
pub use vocabulary::{PADDING, UNKNOWN, Vocabulary, fnv1a, token_hashes};

use crate::classifier::Classifier;
use crate::figures::Figures;
use crate::linear::argmax;
use queue_schema::document::{Category, Page, Source};
use serde::{Deserialize, Serialize};

/// How a [`TextNet`] reads and is trained. Stored in its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextNetSettings {
    /// Most tokens to read from a document's start, where its kind shows.
    pub max_tokens: usize,
    /// Fewest documents in which a token must occur to be learnt.
    pub min_documents: usize,
    /// Most tokens to learn.
    pub max_vocabulary: usize,
    /// Numbers per token.
    pub embedding: usize,
    /// Number of phrases to look for.
    pub filters: usize,
    /// Fraction of tokens that a training step replaces by "unknown", so that the model copes with unknown ones.
    pub token_dropout: f64,
    /// Fraction of the pooled numbers that a training step drops.
    pub dropout: f64,
    /// Probability spread over the wrong labels during training, which prevents overconfidence.
    pub label_smoothing: f64,
    pub learning_rate: f64,
    pub weight_decay: f64,
    /// Documents per step.
    pub batch: usize,
    /// Most passes over the documents.
    pub epochs: usize,
    /// Training ends after this many passes without a better result on the held-out documents.
    pub patience: usize,
    /// One in this many parts of the documents is held out.
    pub folds: usize,
    pub seed: u64,
}

impl Default for TextNetSettings {
    fn default() -> Self {
        TextNetSettings {
            max_tokens: 400,
            min_documents: 2,
            max_vocabulary: 20_000,
            embedding: 64,
            filters: 96,
            token_dropout: 0.3,
            dropout: 0.5,
            label_smoothing: 0.05,
            learning_rate: 5e-3,
            weight_decay: 1e-2,
            batch: 8,
            epochs: 60,
            patience: 8,
            folds: 5,
            seed: 1,
        }
    }
}

/// A convolutional network over a document's first tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct TextNet {
    pub settings: TextNetSettings,
    /// At least one.
    pub labels: Vec<String>,
    pub vocabulary: Vocabulary,
    /// Its quality on the documents that its training held out. They also decided when the training stopped, so the figures
    /// would be a little lower on documents that the training never used.
    pub figures: Figures,
    pub network: Network,
}

impl TextNet {
    /// The probability of each label, in the order of [`Classifier::labels`]. All equal for a document without known tokens.
    pub fn probabilities(&self, pages: &[Page]) -> Vec<f32> {
        let tokens = self.vocabulary.encode(&token_hashes(pages, self.settings.max_tokens));
        if tokens.iter().all(|token| *token == UNKNOWN) {
            return vec![1.0 / self.labels.len() as f32; self.labels.len()];
        }
        self.network.probabilities(&tokens)
    }
}

impl Classifier for TextNet {
    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn classify(&self, pages: &[Page]) -> Category {
        let probabilities = self.probabilities(pages);
        let top = argmax(&probabilities);
        Category {
            name: self.labels[top].clone(),
            confidence: probabilities[top],
            source: Source::Model,
        }
    }
}
