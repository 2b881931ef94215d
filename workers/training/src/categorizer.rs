//! Trains every kind of classifier and chooses the best.

use crate::judge::{judge, judge_all};
use crate::learner::{Learner, Report, TrainingError, learners};
use crate::report::{Candidate, Outcome, TrainingReport};
use models::{Figures, LabelledDocument, starter_classifier};
use models_torch::folds;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Number of parts for cross-validation: enough that each candidate learns from most of the documents, few enough that a long
/// training is not repeated ten times.
const FOLDS: usize = 3;

/// Progress of a training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// The kind of model in training now.
    pub candidate: &'static str,
    /// Fraction of the whole training, 0 to 1. Never decreases.
    pub done: f32,
}

/// Trains every kind of classifier on the documents and writes each to `out/NAME.safetensors`. Creates the folder.
///
/// Each document is judged by models that were not trained on it or on its group; the split is the same for every candidate.
/// The best candidate is the one with the highest macro F1, and of equals the cheaper. `progress` is called after every step;
/// if it returns `Break`, the training ends with [`TrainingError::Stopped`].
pub fn train_categorizer(
    documents: &[LabelledDocument],
    out: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<TrainingReport, TrainingError> {
    let training = Training::of(documents)?;
    std::fs::create_dir_all(out).map_err(|source| TrainingError::File {
        path: out.to_owned(),
        source,
    })?;

    let starter = starter_classifier().map_err(|e| TrainingError::Model(e.to_string()))?;
    let starter = judge_all(&starter, documents, |_| ());
    let learners = learners();
    let count = learners.len() as f32;
    let mut candidates = Vec::with_capacity(learners.len());
    for (turn, learner) in learners.iter().enumerate() {
        let candidate = learner.name();
        let mut report = |done: f32| {
            progress(Progress {
                candidate,
                done: (turn as f32 + done) / count,
            })
        };
        let outcome = match training.try_out(learner.as_ref(), out, &mut report) {
            Ok((figures, file)) => Outcome::Trained { figures, file },
            // An error caused by the documents may affect only one kind of model. These two errors would affect all.
            Err(error @ (TrainingError::Stopped | TrainingError::File { .. })) => return Err(error),
            Err(error) => Outcome::Failed {
                error: error.to_string(),
            },
        };
        candidates.push(Candidate {
            name: candidate.to_owned(),
            outcome,
        });
    }
    let best = best_of(&candidates)?;
    Ok(TrainingReport {
        documents: training.documents.len(),
        labels: training.labels,
        folds: FOLDS,
        starter,
        candidates,
        best,
    })
}

/// The first of the candidates with the highest macro F1.
fn best_of(candidates: &[Candidate]) -> Result<String, TrainingError> {
    let mut best: Option<(&str, f64)> = None;
    let mut errors = BTreeSet::new();
    for candidate in candidates {
        match &candidate.outcome {
            Outcome::Trained { figures, .. } if best.is_none_or(|(_, f1)| figures.macro_f1 > f1) => {
                best = Some((&candidate.name, figures.macro_f1));
            }
            Outcome::Trained { .. } => {}
            Outcome::Failed { error } => {
                errors.insert(error.as_str());
            }
        }
    }
    let all_errors = || TrainingError::NoneTrained(errors.into_iter().collect::<Vec<_>>().join("; "));
    best.map(|(name, _)| name.to_owned()).ok_or_else(all_errors)
}

struct Training<'a> {
    documents: Vec<&'a LabelledDocument>,
    /// The fold of each document.
    fold: Vec<usize>,
    labels: Vec<String>,
}

impl<'a> Training<'a> {
    /// Fails if a label has fewer documents than there are folds.
    fn of(documents: &'a [LabelledDocument]) -> Result<Self, TrainingError> {
        let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
        for document in documents {
            *labels.entry(&document.label).or_default() += 1;
        }
        if let Some((label, &found)) = labels.iter().find(|(_, found)| **found < FOLDS) {
            return Err(models::TrainError::TooFew {
                label: (*label).to_owned(),
                found,
                needed: FOLDS,
            }
            .into());
        }
        Ok(Training {
            fold: folds(documents, FOLDS),
            labels: labels.into_keys().map(str::to_owned).collect(),
            documents: documents.iter().collect(),
        })
    }

    /// Trains once without each fold, for the figures, and once on all documents, for the file.
    fn try_out(
        &self,
        learner: &dyn Learner,
        out: &Path,
        report: Report<'_>,
    ) -> Result<(Figures, PathBuf), TrainingError> {
        let mut judged = Vec::with_capacity(self.documents.len());
        let rounds = (FOLDS + 1) as f32;
        for fold in 0..FOLDS {
            let learnt = self.part(|of| of != fold);
            let model = learner.learn(&learnt, &mut |done| report((fold as f32 + done) / rounds))?;
            judged.extend(
                self.part(|of| of == fold)
                    .into_iter()
                    .map(|document| judge(model.as_ref(), document, &self.labels)),
            );
        }
        let model = learner.learn(&self.documents, &mut |done| report((FOLDS as f32 + done) / rounds))?;
        let path = out.join(format!("{}.safetensors", learner.name()));
        let bytes = model.to_file()?;
        std::fs::write(&path, bytes).map_err(|source| TrainingError::File {
            path: path.clone(),
            source,
        })?;
        Ok((Figures::of(&self.labels, &judged), path))
    }

    fn part(&self, of: impl Fn(usize) -> bool) -> Vec<&LabelledDocument> {
        self.documents
            .iter()
            .zip(&self.fold)
            .filter(|(_, fold)| of(**fold))
            .map(|(document, _)| *document)
            .collect()
    }
}
