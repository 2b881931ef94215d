//! What every classifier does, whatever it has learnt with.

use queue_schema::document::{Category, Page};

/// Tells the category of a document from its pages.
pub trait Classifier: Send + Sync {
    /// The categories it can name.
    fn labels(&self) -> &[String];

    /// The likeliest category. Its confidence, 0 to 1, is calibrated: of the documents answered with 0.8, some 80 % are
    /// right. Never fails: a document without words gets an answer with little confidence.
    fn classify(&self, pages: &[Page]) -> Category;
}
