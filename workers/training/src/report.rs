//! Result of a training.

use models::Figures;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingReport {
    pub documents: usize,
    /// Alphabetical.
    pub labels: Vec<String>,
    /// Number of parts. Each document was judged once, by a model that was trained on the other parts.
    pub folds: usize,
    /// Figures of the starter classifier on the same documents.
    pub starter: Figures,
    /// Every kind of model, in the order tried.
    pub candidates: Vec<Candidate>,
    /// The name of the best one.
    pub best: String,
}

impl TrainingReport {
    /// The best candidate's figures and file.
    pub fn best(&self) -> Option<(&Figures, &Path)> {
        let best = self.candidates.iter().find(|c| c.name == self.best)?;
        match &best.outcome {
            Outcome::Trained { figures, file } => Some((figures, file)),
            Outcome::Failed { .. } => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub name: String,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The file contains the model trained on all documents. The figures are of the models that each left one part out.
    Trained { figures: Figures, file: PathBuf },
    /// Why the training failed.
    Failed { error: String },
}
