//! Precision, recall and F1 of each field, over invoices (fields that are visible) and receipts.
//!
//! `cargo run --release -p benches --bin fields`

use benches::truth::Fields;
use benches::{fleet, normal, truth};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Clone, Copy, Default)]
struct Score {
    right: usize,
    found: usize,
    wanted: usize,
}

fn main() -> ExitCode {
    let (Some(invoices), Some(receipts)) = (
        fleet_tests::data_set("invoices"),
        fleet_tests::data_set("receipts_sroie"),
    ) else {
        return ExitCode::FAILURE;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    report(
        "invoices",
        &truth::files(&invoices.join("pdf"), "pdf"),
        &truth::invoices(&invoices),
        folder.path(),
    );
    report(
        "receipts_sroie",
        &truth::files(&receipts.join("img"), "jpg"),
        &truth::receipts(&receipts),
        folder.path(),
    );
    ExitCode::SUCCESS
}

fn report(name: &str, files: &[PathBuf], wanted: &BTreeMap<String, Fields>, folder: &Path) {
    let out = folder.join(name);
    let batch = fleet::process(files, &folder.join("fleet"), &out, &[]);
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let mut documents = 0;
    for file in files {
        let Some(wanted) = wanted.get(&truth::stem(file)) else {
            continue;
        };
        documents += 1;
        let found = found(&out.join(format!("{}.json", truth::stem(file))));
        for (label, value) in wanted {
            let score = scores.entry(label).or_default();
            score.wanted += 1;
            if let Some(found) = found.get(*label) {
                score.found += 1;
                score.right += usize::from(normal::same(label, found, value));
            }
        }
    }
    for (label, score) in &scores {
        print(name, label, score);
    }
    let sum = scores.values().fold(Score::default(), |a, b| Score {
        right: a.right + b.right,
        found: a.found + b.found,
        wanted: a.wanted + b.wanted,
    });
    print(name, "all", &sum);
    println!(
        "{name}: {documents} documents with truth of {} in {:.1} s",
        files.len(),
        batch.took.as_secs_f64()
    );
}

/// The first value of each label; nothing where the document failed.
fn found(result: &Path) -> BTreeMap<String, String> {
    if !result.exists() {
        return BTreeMap::new();
    }
    let mut found = BTreeMap::new();
    for field in truth::json(result)["fields"].as_array().into_iter().flatten() {
        if let (Some(label), Some(value)) = (field["label"].as_str(), field["value"].as_str()) {
            found.entry(label.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
    found
}

fn print(name: &str, label: &str, score: &Score) {
    let precision = score.right as f64 / score.found.max(1) as f64;
    let recall = score.right as f64 / score.wanted.max(1) as f64;
    let f1 = 2.0 * score.right as f64 / (score.found + score.wanted).max(1) as f64;
    println!(
        "{name:15} {label:16} P {precision:.3} R {recall:.3} F1 {f1:.3} n {}",
        score.wanted
    );
}
