//! Trains a classifier: hold out by group, train, calibrate, train again on everything.

use crate::calibration::{fit_temperature, softmax};
use crate::features::{Counts, FeatureSettings, SparseVector, TfIdf, count};
use crate::figures::{Figures, Judged};
use crate::linear::{LinearClassifier, Scorer, Thresholds, argmax};
use crate::rng::mix;
use crate::svm::{Hyperplane, SvmSettings, train as train_svm};
use queue_schema::document::Page;
use std::collections::{BTreeSet, HashMap};
use thiserror::Error;

#[derive(Debug, Clone, PartialEq)]
pub struct TrainSettings {
    pub features: FeatureSettings,
    pub svm: SvmSettings,
    pub thresholds: Thresholds,
    /// Number of parts for cross-validation, each judged by a model trained on the others; at least 2.
    pub folds: usize,
    /// Fewest documents of a category. With fewer, it can be neither learnt nor judged.
    pub min_documents: usize,
}

impl Default for TrainSettings {
    fn default() -> Self {
        TrainSettings {
            features: FeatureSettings::default(),
            svm: SvmSettings::default(),
            thresholds: Thresholds::default(),
            folds: 5,
            min_documents: 2,
        }
    }
}

#[derive(Debug, Error, PartialEq)]
pub enum TrainError {
    #[error(
        "a classifier needs documents of at least two categories, but there is only {found}; label documents of another"
    )]
    OneCategory { found: String },
    #[error("there are no labelled documents to train a classifier from")]
    NoDocuments,
    #[error("category {label:?} has {found} labelled documents, {needed} are needed; label more or leave it out")]
    TooFew { label: String, found: usize, needed: usize },
    #[error("a training needs at least 2 folds, not {0}; change the setting")]
    Folds(usize),
    #[error("hash_bits must be 8 to 22, not {0}; change the setting")]
    HashBits(u8),
}

/// A document whose category is known.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledDocument {
    pub label: String,
    /// Documents of one group (copies, one seller's template, one upload) are never on both sides of the split. Without a
    /// group, documents that differ only in their digits form one.
    pub group: Option<String>,
    pub pages: Vec<Page>,
}

/// Trains on documents in memory. See [`TrainingSet`] to add them one by one instead.
pub fn train_classifier(
    documents: &[LabelledDocument],
    settings: &TrainSettings,
) -> Result<(LinearClassifier, Figures), TrainError> {
    let mut set = TrainingSet::new(settings.clone())?;
    for document in documents {
        set.add(&document.label, document.group.as_deref(), &document.pages);
    }
    set.train()
}

/// Collects documents as features, some ten bytes per distinct word, so that the pages need not be kept.
#[derive(Debug, Clone)]
pub struct TrainingSet {
    settings: TrainSettings,
    labels: Vec<String>,
    examples: Vec<Example>,
}

/// A document as features; label and group as numbers.
#[derive(Debug, Clone)]
struct Example {
    label: usize,
    group: u64,
    counts: Counts,
}

impl TrainingSet {
    pub fn new(settings: TrainSettings) -> Result<Self, TrainError> {
        if settings.folds < 2 {
            return Err(TrainError::Folds(settings.folds));
        }
        if !crate::model_file::HASH_BITS.contains(&settings.features.hash_bits) {
            return Err(TrainError::HashBits(settings.features.hash_bits));
        }
        Ok(TrainingSet {
            settings,
            labels: Vec::new(),
            examples: Vec::new(),
        })
    }

    pub fn add(&mut self, label: &str, group: Option<&str>, pages: &[Page]) {
        let counts = count(pages, &self.settings.features);
        let group = group.map_or_else(|| fingerprint(&counts), |g| hash_bytes(g.as_bytes()));
        let label = self.labels.iter().position(|l| l == label).unwrap_or_else(|| {
            self.labels.push(label.to_owned());
            self.labels.len() - 1
        });
        self.examples.push(Example { label, group, counts });
    }

    /// The classifier, trained on all documents, and its figures, measured on documents held out fold by fold.
    pub fn train(mut self) -> Result<(LinearClassifier, Figures), TrainError> {
        self.check()?;
        self.sort_labels();
        let scored = self.held_out_scores();
        let temperature = fit_temperature(&scored);
        let figures = figures_of(&self.labels, &scored, temperature);
        let model = LinearClassifier {
            scorer: learn(
                &self.examples.iter().collect::<Vec<_>>(),
                self.labels.len(),
                &self.settings,
            ),
            features: self.settings.features,
            thresholds: self.settings.thresholds,
            labels: self.labels,
            temperature,
            figures: figures.clone(),
        };
        Ok((model, figures))
    }

    fn check(&self) -> Result<(), TrainError> {
        match self.labels.as_slice() {
            [] => return Err(TrainError::NoDocuments),
            [only] => return Err(TrainError::OneCategory { found: only.clone() }),
            _ => {}
        }
        let needed = self.settings.min_documents;
        for (i, label) in self.labels.iter().enumerate() {
            let found = self.examples.iter().filter(|e| e.label == i).count();
            if found < needed {
                return Err(TrainError::TooFew {
                    label: label.clone(),
                    found,
                    needed,
                });
            }
        }
        Ok(())
    }

    /// Sorts the labels, so that a model does not depend on the order of the documents.
    fn sort_labels(&mut self) {
        let unsorted = self.labels.clone();
        self.labels.sort();
        for example in &mut self.examples {
            let label = &unsorted[example.label];
            example.label = self.labels.iter().position(|l| l == label).unwrap_or_default();
        }
    }

    /// For each document, its scores by a model of the other folds, and its label.
    fn held_out_scores(&self) -> Vec<(Vec<f32>, usize)> {
        let folds = self.folds();
        let mut scored = Vec::with_capacity(self.examples.len());
        for fold in 0..self.settings.folds {
            let (held_out, learnt): (Vec<_>, Vec<_>) =
                self.examples.iter().zip(&folds).partition(|(_, of)| **of == fold);
            let learnt: Vec<&Example> = learnt.into_iter().map(|(example, _)| example).collect();
            let scorer = learn(&learnt, self.labels.len(), &self.settings);
            scored.extend(
                held_out
                    .into_iter()
                    .map(|(example, _)| (scorer.scores(&example.counts).0, example.label)),
            );
        }
        scored
    }

    /// Each document's fold. A label's groups are dealt out in turn, so that every fold has some of every label. If a label has
    /// only one group, its documents are dealt out one by one; otherwise it could be neither learnt nor judged.
    fn folds(&self) -> Vec<usize> {
        let mut groups: Vec<BTreeSet<u64>> = vec![BTreeSet::new(); self.labels.len()];
        for example in &self.examples {
            groups[example.label].insert(mix(example.group));
        }
        let mut fold_of: HashMap<u64, usize> = HashMap::new();
        for (turn, group) in groups.iter().filter(|g| g.len() > 1).flat_map(|g| g.iter().enumerate()) {
            fold_of.entry(*group).or_insert(turn % self.settings.folds);
        }
        let alone = |i: usize| i % self.settings.folds;
        let fold = |(i, e): (usize, &Example)| fold_of.get(&mix(e.group)).copied().unwrap_or_else(|| alone(i));
        self.examples.iter().enumerate().map(fold).collect()
    }
}

fn learn(examples: &[&Example], labels: usize, settings: &TrainSettings) -> Scorer {
    let tfidf = TfIdf::fit(examples.iter().map(|e| &e.counts), &settings.features);
    let vectors: Vec<SparseVector> = examples.iter().map(|e| tfidf.vector(&e.counts).0).collect();
    let vectors: Vec<&SparseVector> = vectors.iter().collect();
    let plane = |label: usize| {
        let positive: Vec<bool> = examples.iter().map(|e| e.label == label).collect();
        train_svm(&vectors, &positive, tfidf.dimension(), &settings.svm)
    };
    let planes: Vec<Hyperplane> = (0..labels).map(plane).collect();
    Scorer::new(tfidf, &planes)
}

fn figures_of(labels: &[String], scored: &[(Vec<f32>, usize)], temperature: f32) -> Figures {
    let judge = |(scores, truth): &(Vec<f32>, usize)| {
        let answer = argmax(scores);
        Judged {
            truth: *truth,
            answer,
            confidence: softmax(scores, temperature)[answer],
        }
    };
    Figures::of(labels, &scored.iter().map(judge).collect::<Vec<_>>())
}

/// Equal for documents whose words are the same except for their digits.
fn fingerprint(counts: &Counts) -> u64 {
    counts
        .buckets
        .iter()
        .fold(0, |hash, (bucket, _)| mix(hash ^ u64::from(*bucket)))
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(bytes.len() as u64, |hash, byte| mix(hash ^ u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Classifier;
    use crate::text_page::text_page;

    fn documents() -> Vec<LabelledDocument> {
        let of = |label: &str, group: &str, text: &str| LabelledDocument {
            label: label.to_owned(),
            group: Some(group.to_owned()),
            pages: vec![text_page(text)],
        };
        (0..12)
            .flat_map(|i| {
                let group = format!("g{i}");
                [
                    of("fruit", &group, &format!("sweet apple and ripe pear from garden {i}")),
                    of(
                        "tools",
                        &group,
                        &format!("heavy hammer and sharp saw from workshop {i}"),
                    ),
                ]
            })
            .collect()
    }

    fn settings() -> TrainSettings {
        let features = FeatureSettings {
            hash_bits: 12,
            ..FeatureSettings::default()
        };
        TrainSettings {
            features,
            ..TrainSettings::default()
        }
    }

    #[test]
    fn learns_tells_apart_and_is_the_same_twice() {
        let (model, figures) = train_classifier(&documents(), &settings()).expect("trains");
        assert_eq!(figures.accuracy, 1.0);
        assert_eq!(figures.documents, 24);
        let fruit = model.classify(&[text_page("a ripe apple and a pear from the garden, sweet")]);
        assert_eq!(fruit.name, "fruit");
        assert!(fruit.confidence > 0.6, "{fruit:?}");
        assert_eq!(train_classifier(&documents(), &settings()).expect("trains").0, model);
    }

    #[test]
    fn the_order_of_labels_does_not_matter() {
        let (model, _) = train_classifier(&documents(), &settings()).expect("trains");
        let mut turned = documents();
        turned.rotate_left(1);
        assert_eq!(
            train_classifier(&turned, &settings()).expect("trains").0.labels(),
            model.labels()
        );
    }

    #[test]
    fn a_group_is_never_on_both_sides() {
        let mut set = TrainingSet::new(settings()).expect("settings");
        documents()
            .iter()
            .for_each(|d| set.add(&d.label, d.group.as_deref(), &d.pages));
        for (pair, fold) in set.folds().chunks(2).zip(0..) {
            assert_eq!(pair[0], pair[1], "documents {fold} of one group");
        }
        assert!((0..5).all(|fold| set.folds().contains(&fold)));
    }

    #[test]
    fn documents_that_differ_in_digits_are_one_group() {
        let mut set = TrainingSet::new(settings()).expect("settings");
        set.add("a", None, &[text_page("order 1234 of 5")]);
        set.add("a", None, &[text_page("order 9876 of 1")]);
        set.add("a", None, &[text_page("offer 9876 of 1")]);
        assert_eq!(set.examples[0].group, set.examples[1].group);
        assert_ne!(set.examples[0].group, set.examples[2].group);
    }

    #[test]
    fn says_what_is_missing() {
        let fruit: Vec<_> = documents().into_iter().filter(|d| d.label == "fruit").collect();
        assert_eq!(
            train_classifier(&fruit, &settings()).err(),
            Some(TrainError::OneCategory {
                found: "fruit".to_owned()
            })
        );
        assert_eq!(train_classifier(&[], &settings()).err(), Some(TrainError::NoDocuments));
        let mut few = documents();
        few.truncate(13);
        let picky = TrainSettings {
            min_documents: 7,
            ..settings()
        };
        let error = train_classifier(&few, &picky).expect_err("too few").to_string();
        assert!(
            error.contains("\"tools\" has 6 labelled documents, 7 are needed"),
            "{error}"
        );
    }
}
