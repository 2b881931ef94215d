//! Models that need libtorch: slower to train and to load than those of `models`, and able to learn more from many documents.
//!
//! Everything here is reproducible: random numbers come from a seeded generator of our own, and torch runs on one thread.
//! (Two threads on a busy machine wait for each other: they were measured to be up to ten times slower.)

mod batch;
mod folds;
mod model_file;
mod net;
mod text_net;
mod train;
mod vocabulary;

pub use folds::folds;
pub use text_net::{TextNet, TextNetSettings};
pub use train::{Progress, TrainError, train};

#[cfg(test)]
mod test_documents;
