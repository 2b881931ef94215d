//! Trains a [`TextNet`]: hold out by group, train in small batches, keep the weights that did best on the held-out documents.

use crate::batch::{Batch, Example};
use crate::folds::folds;
use crate::net::{Net, first_weights};
use models::rng::SplitMix64;
use models::text_net::{Network, PADDING, Shape, UNKNOWN, Vocabulary, Weights, token_hashes};
use models::{Figures, Judged, LabelledDocument, TextNet, TextNetSettings};
use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use tch::nn::{AdamW, Optimizer, OptimizerConfig};
use tch::{Reduction, TchError, Tensor};
use thiserror::Error;

/// Number of held-out documents per batch.
const JUDGE_BATCH: usize = 64;

#[derive(Debug, Error)]
pub enum TrainError {
    #[error(transparent)]
    Documents(#[from] models::TrainError),
    #[error("the setting {0} must be above 0; change it")]
    Zero(&'static str),
    #[error("the training was stopped")]
    Stopped,
    #[error("torch could not set up the training: {0}")]
    Torch(#[from] TchError),
}

/// Progress of a training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub step: usize,
    /// Most steps. A training that stops improving ends earlier.
    pub total: usize,
    /// Mean cross-entropy of the last step's documents.
    pub loss: f32,
}

/// Trains a network. Its figures are those on the documents that the training held out.
///
/// `progress` is called after every step; if it returns `Break`, the training ends with [`TrainError::Stopped`].
pub fn train<D: Borrow<LabelledDocument>>(
    documents: &[D],
    settings: &TextNetSettings,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<TextNet, TrainError> {
    check_settings(settings)?;
    let labels = labels_of(documents)?;
    let Split {
        vocabulary,
        learnt,
        held_out,
    } = Split::of(documents, &labels, settings);
    let shape = Shape {
        tokens: vocabulary.rows(),
        embedding: settings.embedding,
        filters: settings.filters,
        labels: labels.len(),
    };
    let weights = Run::new(&shape, &vocabulary, settings)?.learn(&learnt, &held_out, progress)?;
    let network = Network::new(shape, weights, &vocabulary);
    Ok(TextNet {
        figures: judge(&network, &held_out, &labels),
        settings: settings.clone(),
        labels,
        vocabulary,
        network,
    })
}

/// The documents as token numbers, in two parts. No group is in both.
struct Split {
    vocabulary: Vocabulary,
    learnt: Vec<Example>,
    held_out: Vec<Example>,
}

impl Split {
    fn of<D: Borrow<LabelledDocument>>(documents: &[D], labels: &[String], settings: &TextNetSettings) -> Split {
        let fold = folds(documents, settings.folds);
        let hashes: Vec<Vec<u64>> = documents
            .iter()
            .map(|d| token_hashes(&d.borrow().pages, settings.max_tokens))
            .collect();
        // The held-out documents are left out, so that their words are as unknown as those of future documents.
        let learnt = hashes
            .iter()
            .zip(&fold)
            .filter(|(_, fold)| **fold != 0)
            .map(|(hashes, _)| hashes.as_slice());
        let vocabulary = Vocabulary::fit(learnt, settings.min_documents, settings.max_vocabulary);
        let mut split = Split {
            vocabulary,
            learnt: Vec::new(),
            held_out: Vec::new(),
        };
        for ((document, hashes), fold) in documents.iter().zip(&hashes).zip(fold) {
            let label = labels.binary_search(&document.borrow().label).unwrap_or_default() as i64;
            let example = Example {
                tokens: split.vocabulary.encode(hashes),
                label,
            };
            if fold == 0 {
                split.held_out.push(example)
            } else {
                split.learnt.push(example)
            }
        }
        split
    }
}

fn check_settings(settings: &TextNetSettings) -> Result<(), TrainError> {
    let TextNetSettings {
        max_tokens,
        embedding,
        filters,
        batch,
        epochs,
        ..
    } = *settings;
    let counts = [
        ("max_tokens", max_tokens),
        ("embedding", embedding),
        ("filters", filters),
        ("batch", batch),
        ("epochs", epochs),
        // With a single part, which is held out, there would be nothing to train on.
        ("folds - 1", settings.folds.saturating_sub(1)),
    ];
    counts
        .into_iter()
        .find(|(_, count)| *count == 0)
        .map_or(Ok(()), |(name, _)| Err(TrainError::Zero(name)))
}

/// The labels, sorted. Fails unless there are at least two.
fn labels_of<D: Borrow<LabelledDocument>>(documents: &[D]) -> Result<Vec<String>, models::TrainError> {
    let labels: BTreeSet<&str> = documents.iter().map(|d| d.borrow().label.as_str()).collect();
    let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
    match labels.as_slice() {
        [] => Err(models::TrainError::NoDocuments),
        [only] => Err(models::TrainError::OneCategory { found: only.clone() }),
        _ => Ok(labels),
    }
}

fn judge(network: &Network, held_out: &[Example], labels: &[String]) -> Figures {
    let judged: Vec<Judged> = held_out
        .iter()
        .map(|example| {
            let probabilities = network.probabilities(&example.tokens);
            let answer = models::argmax(&probabilities);
            Judged {
                truth: example.label as usize,
                answer,
                confidence: probabilities[answer],
            }
        })
        .collect();
    Figures::of(labels, &judged)
}

fn rows(examples: &[Example]) -> Vec<&[i64]> {
    examples.iter().map(|e| e.tokens.as_slice()).collect()
}

/// A training in progress.
struct Run<'a> {
    settings: &'a TextNetSettings,
    shape: &'a Shape,
    net: Net,
    optimizer: Optimizer,
    rng: SplitMix64,
}

impl<'a> Run<'a> {
    fn new(shape: &'a Shape, vocabulary: &Vocabulary, settings: &'a TextNetSettings) -> Result<Self, TchError> {
        let mut rng = SplitMix64::new(settings.seed);
        let net = Net::new(shape, &first_weights(shape, &mut rng), &vocabulary.weights());
        let adam = AdamW {
            wd: settings.weight_decay,
            ..AdamW::default()
        };
        let optimizer = adam.build(&net.variables, settings.learning_rate)?;
        Ok(Run {
            settings,
            shape,
            net,
            optimizer,
            rng,
        })
    }

    /// The weights with the lowest loss on the held-out documents. Without held-out documents, the last ones.
    fn learn(
        mut self,
        learnt: &[Example],
        held_out: &[Example],
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Weights, TrainError> {
        let batches = learnt.len().div_ceil(self.settings.batch);
        let total = self.settings.epochs * batches;
        let mut best: Option<(f64, Weights)> = None;
        let mut worse = 0;
        let mut order: Vec<&Example> = learnt.iter().collect();
        for epoch in 0..self.settings.epochs {
            self.rng.shuffle(&mut order);
            for (batch, examples) in order.chunks(self.settings.batch).enumerate() {
                let loss = self.step(examples);
                if progress(Progress {
                    step: epoch * batches + batch + 1,
                    total,
                    loss,
                })
                .is_break()
                {
                    return Err(TrainError::Stopped);
                }
            }
            if held_out.is_empty() {
                continue;
            }
            let loss = self.loss(held_out);
            if best.as_ref().is_none_or(|(least, _)| loss < *least) {
                best = Some((loss, self.net.weights()));
                worse = 0;
            } else {
                worse += 1;
                if worse >= self.settings.patience {
                    break;
                }
            }
        }
        Ok(best.map_or_else(|| self.net.weights(), |(_, weights)| weights))
    }

    fn step(&mut self, examples: &[&Example]) -> f32 {
        let documents: Vec<Vec<i64>> = examples.iter().map(|e| self.with_unknowns(&e.tokens)).collect();
        let documents: Vec<&[i64]> = documents.iter().map(Vec::as_slice).collect();
        let labels: Vec<i64> = examples.iter().map(|e| e.label).collect();
        let dropout = self.dropout(examples.len());
        let loss = self
            .net
            .scores(&Batch::of(&documents), Some(&dropout))
            .cross_entropy_loss::<Tensor>(
                &Tensor::from_slice(&labels),
                None,
                Reduction::Mean,
                -100,
                self.settings.label_smoothing,
            );
        self.optimizer.backward_step(&loss);
        loss.double_value(&[]) as f32
    }

    fn with_unknowns(&mut self, tokens: &[i64]) -> Vec<i64> {
        let share = self.settings.token_dropout;
        tokens
            .iter()
            .map(|&t| {
                if t != PADDING && self.rng.chance(share) {
                    UNKNOWN
                } else {
                    t
                }
            })
            .collect()
    }

    fn dropout(&mut self, documents: usize) -> Tensor {
        let (share, pooled) = (self.settings.dropout, self.shape.pooled());
        let kept = (1.0 / (1.0 - share)) as f32;
        let factors: Vec<f32> = (0..documents * pooled)
            .map(|_| if self.rng.chance(share) { 0.0 } else { kept })
            .collect();
        Tensor::from_slice(&factors).reshape([documents as i64, pooled as i64])
    }

    /// Mean cross-entropy.
    fn loss(&self, examples: &[Example]) -> f64 {
        let lost = |part: &[Example]| -> f64 {
            let each = self.net.probabilities(&rows(part));
            part.iter()
                .zip(each)
                .map(|(e, p)| -f64::from(p[e.label as usize].max(1e-6)).ln())
                .sum()
        };
        examples.chunks(JUDGE_BATCH).map(lost).sum::<f64>() / examples.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_documents::{letters_and_orders, quick};
    use models::{Classifier, text_page};

    fn no_stop(_: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn learns_to_tell_two_kinds_apart() {
        let mut last = None;
        let model = train(&letters_and_orders(24), &quick(), &mut |progress| {
            last = Some(progress);
            ControlFlow::Continue(())
        })
        .expect("trains");
        assert_eq!(model.labels(), ["letter", "order"]);
        assert!(
            model.figures.documents >= 4 && model.figures.accuracy == 1.0,
            "{:?}",
            model.figures
        );
        let last = last.expect("told of its steps");
        assert!(last.step <= last.total && last.loss < 0.5, "{last:?}");
        let answer = model.classify(&[text_page(
            "we order the goods below at the price of the list, quantity 7",
        )]);
        assert_eq!(answer.name, "order");
        assert!(answer.confidence > 0.6, "{answer:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_model() {
        let documents = letters_and_orders(12);
        let train = || train(&documents, &quick(), &mut no_stop).expect("trains");
        assert_eq!(train().to_bytes().expect("bytes"), train().to_bytes().expect("bytes"));
    }

    #[test]
    fn knows_nothing_of_unknown_words() {
        let model = train(&letters_and_orders(12), &quick(), &mut no_stop).expect("trains");
        for page in [text_page("xylophone quixotic"), text_page("")] {
            assert_eq!(model.classify(&[page]).confidence, 0.5);
        }
        assert_eq!(model.classify(&[]).confidence, 0.5);
    }

    #[test]
    fn stops_when_told() {
        let mut steps = 0;
        let stopped = train(&letters_and_orders(12), &quick(), &mut |_| {
            steps += 1;
            if steps == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert!(matches!(stopped, Err(TrainError::Stopped)));
        assert_eq!(steps, 3);
    }

    #[test]
    fn says_what_is_wrong() {
        let no_documents: [LabelledDocument; 0] = [];
        let error = train(&no_documents, &quick(), &mut no_stop)
            .expect_err("nothing to learn")
            .to_string();
        assert!(error.contains("no labelled documents"), "{error}");
        let no_batch = TextNetSettings { batch: 0, ..quick() };
        let error = train(&letters_and_orders(4), &no_batch, &mut no_stop)
            .expect_err("no batch")
            .to_string();
        assert!(error.contains("batch"), "{error}");
    }
}
