//! The interface of every kind of classifier.

use crate::linear::LinearClassifier;
use crate::model_head::ModelError;
use crate::text_net::TextNet;
use queue_schema::document::{Category, Page};

/// Determines the category of a document from its pages.
pub trait Classifier: Send + Sync {
    /// The categories that it can answer.
    fn labels(&self) -> &[String];

    /// The likeliest category. Its confidence, 0 to 1, is calibrated: of the documents answered with 0.8, some 80 % are
    /// right. Never fails: a document without words gets an answer with little confidence.
    fn classify(&self, pages: &[Page]) -> Category;
}

/// Reads a trained model's file, of any kind of classifier.
///
/// # Errors
/// When the file is damaged, of a newer version, or of an unknown kind.
pub fn read_classifier(bytes: &[u8]) -> Result<Box<dyn Classifier>, ModelError> {
    match LinearClassifier::from_bytes(bytes) {
        Err(ModelError::OtherFormat { .. }) => Ok(Box::new(TextNet::from_bytes(bytes)?)),
        linear => Ok(Box::new(linear?)),
    }
}
