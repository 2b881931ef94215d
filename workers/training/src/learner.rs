//! The kinds of models that can be trained to categorize.

use models::{Classifier, LabelledDocument, TextNetSettings, TrainSettings, TrainingSet};
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum TrainingError {
    #[error(transparent)]
    Documents(#[from] models::TrainError),
    #[error(transparent)]
    Network(models_torch::TrainError),
    #[error("a model's file cannot be read or written: {0}")]
    Model(String),
    #[error("the model file {path} cannot be written: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("no kind of model could learn from the documents: {0}")]
    NoneTrained(String),
    #[error("the training was stopped")]
    Stopped,
}

/// Receives the fraction done, 0 to 1, and returns whether to continue.
pub(crate) type Report<'a> = &'a mut dyn FnMut(f32) -> ControlFlow<()>;

/// A trained classifier that can be saved.
pub(crate) trait Learnt: Classifier {
    fn to_file(&self) -> Result<Vec<u8>, TrainingError>;
}

/// A kind of model.
pub(crate) trait Learner {
    /// The kind's name, in reports and in its file's name.
    fn name(&self) -> &'static str;

    fn learn(&self, documents: &[&LabelledDocument], report: Report<'_>) -> Result<Box<dyn Learnt>, TrainingError>;
}

/// All kinds, the cheapest first.
pub(crate) fn learners() -> [Box<dyn Learner>; 2] {
    [Box::new(Linear), Box::new(TextNet)]
}

struct Linear;

impl Learner for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn learn(&self, documents: &[&LabelledDocument], report: Report<'_>) -> Result<Box<dyn Learnt>, TrainingError> {
        // The minimum was checked for all documents together. A fold may leave fewer.
        let mut set = TrainingSet::new(TrainSettings {
            min_documents: 1,
            ..TrainSettings::default()
        })?;
        for document in documents {
            set.add(&document.label, document.group.as_deref(), &document.pages);
        }
        let (model, _) = set.train()?;
        match report(1.0) {
            ControlFlow::Continue(()) => Ok(Box::new(model)),
            ControlFlow::Break(()) => Err(TrainingError::Stopped),
        }
    }
}

impl Learnt for models::LinearClassifier {
    fn to_file(&self) -> Result<Vec<u8>, TrainingError> {
        self.to_bytes().map_err(|error| TrainingError::Model(error.to_string()))
    }
}

struct TextNet;

impl Learner for TextNet {
    fn name(&self) -> &'static str {
        "text-net"
    }

    fn learn(&self, documents: &[&LabelledDocument], report: Report<'_>) -> Result<Box<dyn Learnt>, TrainingError> {
        let mut on_step = |progress: models_torch::Progress| report(progress.step as f32 / progress.total as f32);
        match models_torch::train(documents, &TextNetSettings::default(), &mut on_step) {
            Ok(model) => Ok(Box::new(model)),
            Err(models_torch::TrainError::Stopped) => Err(TrainingError::Stopped),
            Err(models_torch::TrainError::Documents(error)) => Err(error.into()),
            Err(error) => Err(TrainingError::Network(error)),
        }
    }
}

impl Learnt for models::TextNet {
    fn to_file(&self) -> Result<Vec<u8>, TrainingError> {
        self.to_bytes().map_err(|error| TrainingError::Model(error.to_string()))
    }
}
