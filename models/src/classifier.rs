//! What every classifier does, whatever it has learnt with.

use crate::linear::LinearClassifier;
use crate::model_head::ModelError;
use crate::text_net::TextNet;
use queue_schema::document::{Category, Page};

/// Tells the category of a document from its pages.
pub trait Classifier: Send + Sync {
    /// The categories it can name.
    fn labels(&self) -> &[String];

    /// The likeliest category. Its confidence, 0 to 1, is calibrated: of the documents answered with 0.8, some 80 % are
    /// right. Never fails: a document without words gets an answer with little confidence.
    fn classify(&self, pages: &[Page]) -> Category;
}

/// A trained model's file, whichever kind of classifier it holds.
///
/// # Errors
/// The file is damaged, of a newer version, or of no kind that is known.
pub fn read_classifier(bytes: &[u8]) -> Result<Box<dyn Classifier>, ModelError> {
    match LinearClassifier::from_bytes(bytes) {
        Err(ModelError::OtherFormat { .. }) => Ok(Box::new(TextNet::from_bytes(bytes)?)),
        linear => Ok(Box::new(linear?)),
    }
}
