//! Trains with libtorch what plain Rust would be slow to train. Whoever uses such a model needs `models` only.
//!
//! Everything here is reproducible: random numbers come from a seeded generator of our own, and torch runs on one thread.
//! (Two threads on a busy machine wait for each other: they were measured to be up to ten times slower.)

mod batch;
mod folds;
mod net;
mod train;

pub use folds::folds;
pub use train::{Progress, TrainError, train};

#[cfg(test)]
mod test_documents;
