//! Training: every kind of model learns, each is judged on the same documents it has not seen, and all are kept.

mod candidate;
mod categorizer;
mod report;

pub use candidate::TrainingError;
pub use categorizer::{Progress, train_categorizer};
pub use report::{Candidate, Outcome, TrainingReport};
