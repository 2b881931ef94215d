//! Word F1 of docfleet's text and of the `tesseract` command, on the same scans.
//!
//! `cargo run --release -p benches --bin words`

use benches::bag::Overlap;
use benches::{fleet, truth};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Images and their true text.
struct Scans {
    name: &'static str,
    images: Vec<PathBuf>,
    texts: Vec<String>,
}

fn main() -> ExitCode {
    let (Some(forms), Some(receipts)) = (
        fleet_tests::data_set("forms_funsd"),
        fleet_tests::data_set("receipts_sroie"),
    ) else {
        return ExitCode::FAILURE;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut worse = 0;
    for scans in [form_scans(&forms), receipt_scans(&receipts, 40)] {
        worse += u8::from(!compare(&scans, folder.path()));
    }
    ExitCode::from(worse)
}

fn form_scans(set: &Path) -> Scans {
    let images = truth::files(&set.join("img"), "png");
    let texts = images
        .iter()
        .map(|i| truth::form_text(&set.join("annotations").join(truth::stem(i)).with_extension("json")));
    Scans {
        name: "forms_funsd",
        texts: texts.collect(),
        images,
    }
}

fn receipt_scans(set: &Path, most: usize) -> Scans {
    let text_of = |image: &PathBuf| set.join("gt_text").join(truth::stem(image)).with_extension("txt");
    let mut images = truth::files(&set.join("img"), "jpg");
    images.retain(|image| text_of(image).exists());
    images.truncate(most);
    let texts = images
        .iter()
        .map(|i| std::fs::read_to_string(text_of(i)).expect("a text that exists"));
    Scans {
        name: "receipts_sroie",
        texts: texts.collect(),
        images,
    }
}

/// Whether docfleet's F1 is at least Tesseract's with the same languages and with its own default.
fn compare(scans: &Scans, folder: &Path) -> bool {
    let out = folder.join(scans.name);
    let batch = fleet::process(&scans.images, &folder.join("fleet"), &out, &[]);
    let ours = scans
        .images
        .iter()
        .map(|image| std::fs::read_to_string(out.join(truth::stem(image)).with_extension("txt")).unwrap_or_default());
    let ours = overlap(&scans.texts, ours);
    print(scans, "docfleet", &ours, batch.took);
    let mut best = 0.0f64;
    for languages in ["eng", "eng+deu"] {
        let begun = Instant::now();
        let theirs = overlap(
            &scans.texts,
            scans.images.iter().map(|image| tesseract(image, languages)),
        );
        print(scans, &format!("tesseract -l {languages}"), &theirs, begun.elapsed());
        best = best.max(theirs.f1());
    }
    ours.f1() >= best
}

fn overlap(texts: &[String], found: impl Iterator<Item = String>) -> Overlap {
    texts
        .iter()
        .zip(found)
        .fold(Overlap::default(), |mut sum, (truth, found)| {
            sum.add(truth, &found);
            sum
        })
}

fn print(scans: &Scans, who: &str, overlap: &Overlap, took: Duration) {
    println!(
        "{:15} {:20} P {:.4} R {:.4} F1 {:.4}  {} images, {:.1} s",
        scans.name,
        who,
        overlap.precision(),
        overlap.recall(),
        overlap.f1(),
        scans.images.len(),
        took.as_secs_f64()
    );
}

fn tesseract(image: &Path, languages: &str) -> String {
    let output = Command::new("tesseract")
        .arg(image)
        .args(["-", "-l", languages])
        .env("OMP_THREAD_LIMIT", "1")
        .output()
        .expect("the tesseract command (apt-get install tesseract-ocr)");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
