//! Chooses the classifier for a document: the trained model of its project, or the starter classifier that docfleet includes.

use kit::{Failure, Tools};
use models::{Classifier, LinearClassifier, read_classifier, starter_classifier};
use settings::Settings;
use std::path::{Path, PathBuf};
use uuid::Uuid;

pub struct Classifiers {
    starter: LinearClassifier,
    /// The trained model used last. It is kept because documents of a project often arrive together.
    trained: Option<(Uuid, Box<dyn Classifier>)>,
}

impl Tools for Classifiers {
    fn warm(_: &Settings) -> Result<Self, String> {
        let starter = starter_classifier().map_err(|e| format!("the starter classifier cannot be loaded: {e}"))?;
        Ok(Classifiers { starter, trained: None })
    }
}

impl Classifiers {
    /// The trained model of this id, loaded from its file. The starter if there is none.
    pub fn one_for(&mut self, trained: Option<(Uuid, PathBuf)>) -> Result<&dyn Classifier, Failure> {
        let Some((id, file)) = trained else {
            return Ok(&self.starter);
        };
        let kept = self.trained.take().filter(|(kept, _)| *kept == id);
        let ready = match kept {
            Some(ready) => ready,
            None => (id, load(id, &file)?),
        };
        Ok(self.trained.insert(ready).1.as_ref())
    }
}

fn load(id: Uuid, file: &Path) -> Result<Box<dyn Classifier>, Failure> {
    let unusable = |why: String| {
        Failure::transient(format!(
            "the project's model {id} cannot be used: {why}; train another with `docfleet train`"
        ))
    };
    let bytes = std::fs::read(file).map_err(|e| unusable(e.to_string()))?;
    read_classifier(&bytes).map_err(|e| unusable(e.to_string()))
}
