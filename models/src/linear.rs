//! The linear classifier: one hyperplane a category over TF-IDF features, calibrated.

use crate::calibration::softmax;
use crate::classifier::Classifier;
use crate::features::{Counts, FeatureSettings, TfIdf, count};
use crate::figures::Figures;
use crate::svm::Hyperplane;
use queue_schema::document::{Category, Page, Source};
use serde::{Deserialize, Serialize};

/// When a document says too little to be sure of anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// A document with fewer words gets the fallback category, or, without one, the likeliest; either with the
    /// confidence of a blind guess.
    pub min_words: usize,
    /// Confidence is shrunk in proportion where fewer kinds of features are known, as in a language never learnt.
    pub min_features: usize,
    /// The category of documents that say too little.
    pub fallback: Option<String>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            min_words: 4,
            min_features: 12,
            fallback: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct LinearClassifier {
    pub(crate) features: FeatureSettings,
    pub(crate) thresholds: Thresholds,
    pub(crate) labels: Vec<String>,
    pub(crate) scorer: Scorer,
    pub(crate) temperature: f32,
    pub(crate) figures: Figures,
}

impl LinearClassifier {
    /// How it did on documents held out of its training.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The probability of each label, in the order of [`Classifier::labels`].
    pub fn probabilities(&self, pages: &[Page]) -> Vec<f32> {
        let counts = count(pages, &self.features);
        let blind = 1.0 / self.labels.len() as f32;
        if counts.words < self.thresholds.min_words {
            return vec![blind; self.labels.len()];
        }
        let (scores, known) = self.scorer.scores(&counts);
        let trust = (known as f32 / self.thresholds.min_features.max(1) as f32).min(1.0);
        let shrink = |p: f32| blind + (p - blind) * trust;
        softmax(&scores, self.temperature).into_iter().map(shrink).collect()
    }

    fn fallback(&self) -> Option<usize> {
        let fallback = self.thresholds.fallback.as_ref()?;
        self.labels.iter().position(|label| label == fallback)
    }
}

impl Classifier for LinearClassifier {
    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn classify(&self, pages: &[Page]) -> Category {
        let probabilities = self.probabilities(pages);
        let top = argmax(&probabilities);
        // All equal means that nothing spoke for any label.
        let undecided = probabilities.iter().all(|p| *p == probabilities[top]);
        let label = if undecided { self.fallback().unwrap_or(top) } else { top };
        Category {
            name: self.labels[label].clone(),
            confidence: probabilities[label],
            source: Source::Model,
        }
    }
}

/// Features and one hyperplane a label: what a training learns, before calibration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scorer {
    pub tfidf: TfIdf,
    /// `[feature][label]`, row by row: a document reads few rows, each whole.
    pub weights: Vec<f32>,
    /// One a label.
    pub bias: Vec<f32>,
}

impl Scorer {
    pub fn new(tfidf: TfIdf, planes: &[Hyperplane]) -> Self {
        let rows = 0..tfidf.dimension();
        Scorer {
            weights: rows
                .flat_map(|i| planes.iter().map(move |plane| plane.weights[i]))
                .collect(),
            bias: planes.iter().map(|plane| plane.bias).collect(),
            tfidf,
        }
    }

    /// Each label's score, and how many kinds of known features the document has.
    pub fn scores(&self, document: &Counts) -> (Vec<f32>, usize) {
        let (vector, known) = self.tfidf.vector(document);
        let mut scores = self.bias.clone();
        for (index, x) in vector {
            let row = &self.weights[index as usize * scores.len()..][..scores.len()];
            scores.iter_mut().zip(row).for_each(|(score, w)| *score += w * x);
        }
        (scores, known)
    }
}

/// The position of the first of the largest; 0 for none.
pub fn argmax(values: &[f32]) -> usize {
    values
        .iter()
        .enumerate()
        .fold(0, |best, (i, v)| if *v > values[best] { i } else { best })
}
