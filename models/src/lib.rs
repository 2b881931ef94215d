//! Classifiers and extractors: the trait, features, and learners. Pure: no files, no network, no threads.

mod calibration;
mod classifier;
mod features;
mod figures;
mod layout;
mod linear;
mod model_file;
mod model_head;
pub mod rng;
mod starter;
mod svm;
pub mod text_net;
mod text_page;
pub mod tokens;
mod train;

pub use classifier::{Classifier, read_classifier};
pub use features::FeatureSettings;
pub use figures::{Figures, Judged, LabelFigures};
pub use linear::{LinearClassifier, Thresholds, argmax};
pub use model_head::{ModelError, ModelKind};
pub use starter::{STARTER_CATEGORIES, starter_classifier};
pub use svm::SvmSettings;
pub use text_net::{TextNet, TextNetSettings};
pub use text_page::text_page;
pub use train::{LabelledDocument, TrainError, TrainSettings, TrainingSet, train_classifier};
