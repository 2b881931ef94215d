//! Trains the starter classifier on generated documents.
//!
//! `cargo run -p models --release --bin train-starter` writes `models/starter/categories.safetensors`; `-- --check` only
//! reports whether the file is up to date. `-- --show LABEL` prints one generated document.

mod documents;
mod grammar;
mod noise;

use models::{FeatureSettings, SvmSettings, Thresholds};
use models::{Figures, STARTER_CATEGORIES, TrainSettings, train_classifier};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arbitrary: another seed gives a different model of the same quality.
const SEED: u64 = 2026;
const DOCUMENTS_A_CATEGORY: usize = 2500;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => train().and_then(|bytes| write(&bytes)),
        ["--check"] => train().and_then(|bytes| compare(&bytes)),
        ["--show", label] => show(label),
        _ => Err("usage: train-starter [--check | --show LABEL]".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn settings() -> TrainSettings {
    TrainSettings {
        features: FeatureSettings {
            hash_bits: 17,
            bigrams: true,
            prefix: 5,
            max_words: 1500,
            min_documents: 20,
            layout_weight: 0.5,
        },
        svm: SvmSettings {
            c: 2.0,
            ..SvmSettings::default()
        },
        thresholds: Thresholds {
            min_features: 24,
            fallback: Some("other".to_owned()),
            ..Thresholds::default()
        },
        ..TrainSettings::default()
    }
}

fn train() -> Result<Vec<u8>, String> {
    let documents = documents::documents(&documents::grammar(), DOCUMENTS_A_CATEGORY, SEED)?;
    println!("{} documents generated", documents.len());
    let (model, figures) = train_classifier(&documents, &settings()).map_err(|e| e.to_string())?;
    print(&figures);
    model.to_bytes().map_err(|e| e.to_string())
}

fn print(figures: &Figures) {
    println!(
        "held out by kind of document: accuracy {:.3}, macro F1 {:.3}, calibration error {:.3}",
        figures.accuracy, figures.macro_f1, figures.calibration_error
    );
    for (label, f) in &figures.labels {
        println!(
            "  {label:10} documents {:5}  precision {:.3}  recall {:.3}",
            f.documents, f.precision, f.recall
        );
    }
}

fn model_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("starter/categories.safetensors")
}

fn write(bytes: &[u8]) -> Result<(), String> {
    let path = model_path();
    std::fs::write(&path, bytes).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    println!("{}: {} bytes", path.display(), bytes.len());
    Ok(())
}

fn compare(bytes: &[u8]) -> Result<(), String> {
    let path = model_path();
    let committed = std::fs::read(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    if committed == bytes {
        println!("{} is what this command makes", path.display());
        return Ok(());
    }
    Err(format!(
        "{} differs from what this command makes: run it without --check and commit the file",
        path.display()
    ))
}

fn show(label: &str) -> Result<(), String> {
    if !STARTER_CATEGORIES.contains(&label) {
        return Err(format!(
            "no category {label:?}; known are {}",
            STARTER_CATEGORIES.join(", ")
        ));
    }
    let seed = std::time::UNIX_EPOCH
        .elapsed()
        .map_or(SEED, |now| now.as_nanos() as u64);
    let documents = documents::documents(&documents::grammar(), 60, seed)?;
    let of_label: Vec<_> = documents.iter().filter(|d| d.label == label).collect();
    let document = of_label[seed as usize % of_label.len()];
    println!("{}\n", document.group.as_deref().unwrap_or_default());
    document.pages.iter().for_each(|page| println!("{}", page.text()));
    Ok(())
}
