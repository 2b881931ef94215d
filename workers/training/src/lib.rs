//! Training: every kind of model is trained and judged on the same unseen documents. The best is kept, with the figures of all.

mod categorizer;
pub mod evaluate;
mod examples;
pub mod handler;
mod judge;
mod learner;
mod networks;
mod report;

pub use categorizer::{Progress, train_categorizer};
pub use learner::TrainingError;
pub use report::{Candidate, Outcome, TrainingReport};
