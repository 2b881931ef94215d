//! The linear classifier: one hyperplane per category over TF-IDF features, with calibrated probabilities.

use crate::calibration::softmax;
use crate::classifier::Classifier;
use crate::features::{Counts, FeatureSettings, TfIdf, count};
use crate::figures::Figures;
use crate::svm::Hyperplane;
use queue_schema::document::{Category, Page, Source};
use serde::{Deserialize, Serialize};

/// Which documents contain too little text for a confident answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// A document with fewer words gets the fallback category, or, if there is none, the likeliest one; either with the
    /// confidence of a random guess.
    pub min_words: usize,
    /// With fewer known features than this, as in an unknown language, the confidence is reduced in proportion.
    pub min_features: usize,
    /// The category of documents with too little text.
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
    /// Its quality on documents held out of its training.
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
        // All equal: there is no evidence for any label.
        let undecided = probabilities.iter().all(|p| *p == probabilities[top]);
        let label = if undecided { self.fallback().unwrap_or(top) } else { top };
        Category {
            name: self.labels[label].clone(),
            confidence: probabilities[label],
            source: Source::Model,
        }
    }
}

/// Features and one hyperplane per label: the result of a training before calibration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scorer {
    pub tfidf: TfIdf,
    /// `[feature][label]`, row by row, because a document needs only few rows, each as a whole.
    pub weights: Vec<f32>,
    /// One value per label.
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

    /// The score of each label, and the number of different known features of the document.
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

/// The position of the first largest value; 0 if there is none.
pub fn argmax(values: &[f32]) -> usize {
    values
        .iter()
        .enumerate()
        .fold(0, |best, (i, v)| if *v > values[best] { i } else { best })
}
