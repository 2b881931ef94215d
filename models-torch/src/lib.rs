//! Trains with libtorch the models that would be slow to train in plain Rust. Using a trained model only needs `models`.
//!
//! Everything here is reproducible: random numbers come from our own seeded generator, and torch runs on one thread. (On a busy
//! machine, two threads wait for each other: measured to be up to ten times slower.)

mod batch;
mod folds;
mod net;
mod train;

pub use folds::folds;
pub use train::{Progress, TrainError, train};

#[cfg(test)]
mod test_documents;
