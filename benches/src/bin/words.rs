//! Word F1 and price of docfleet and of the `tesseract` command, on the same scans and with the same languages.
//!
//! `cargo run --release -p benches --bin words`
//!
//! The price is the processor time of the whole command: for docfleet all of `docfleet process`, with category, fields,
//! searchable PDF and thumbnails; for Tesseract, which reads and does no more, a process an image. The start and end of a
//! fleet, which no page pays, is measured with a single page of text and left out.

use benches::bag::Overlap;
use benches::{cpu, fleet, truth};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

const LANGUAGES: &[&str] = &["eng", "eng+deu"];

/// Images and their true text.
struct Scans {
    name: &'static str,
    images: Vec<PathBuf>,
    texts: Vec<String>,
}

fn main() -> ExitCode {
    let (Some(forms), Some(receipts), Some(contracts)) = (
        fleet_tests::data_set("forms_funsd"),
        fleet_tests::data_set("receipts_sroie"),
        fleet_tests::data_set("contracts_nda"),
    ) else {
        return ExitCode::FAILURE;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let letter = samples::documents_dir().join("letter-de.pdf");
    let (_, start) =
        cpu::of(|| fleet::process(&[letter], &folder.path().join("start"), &folder.path().join("out"), &[]));
    println!(
        "a fleet of its own, with one page of text: {:.2} CPU s, left out below",
        start.as_secs_f64()
    );
    let mut worse = 0;
    for scans in [
        form_scans(&forms),
        receipt_scans(&receipts, 40),
        a4_scans(&contracts, 9, &folder.path().join("a4")),
    ] {
        for languages in LANGUAGES {
            worse += u8::from(!compare(&scans, languages, folder.path(), start));
        }
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

/// The first two pages of `most` contracts in grey at 300 dpi, as a scanner with nothing to complain of sees them.
fn a4_scans(set: &Path, most: usize, folder: &Path) -> Scans {
    std::fs::create_dir_all(folder).expect("our own folder");
    let mut contracts = truth::files(&set.join("pdf"), "pdf");
    contracts.truncate(most);
    let pages = contracts.iter().flat_map(|contract| [(contract, "1"), (contract, "2")]);
    let (images, texts) = pages
        .map(|(contract, page)| {
            let image = folder.join(format!("{}-{page}", truth::stem(contract)));
            let one = ["-f", page, "-l", page];
            poppler(
                "pdftoppm",
                &one,
                &["-r", "300", "-gray", "-png", "-singlefile"],
                contract,
                &image,
            );
            let text = poppler("pdftotext", &one, &[], contract, Path::new("-"));
            (image.with_extension("png"), text)
        })
        .unzip();
    Scans {
        name: "A4 at 300 dpi",
        images,
        texts,
    }
}

fn poppler(command: &str, page: &[&str], how: &[&str], from: &Path, to: &Path) -> String {
    let output = Command::new(command).args(page).args(how).arg(from).arg(to).output();
    let output = output.unwrap_or_else(|e| panic!("{command} (apt-get install poppler-utils): {e}"));
    assert!(
        output.status.success(),
        "{command} {}: {}",
        from.display(),
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Prints both. Whether docfleet reads at least as well.
fn compare(scans: &Scans, languages: &str, folder: &Path, start: Duration) -> bool {
    let folder = folder.join(format!("{} {languages}", scans.name));
    let (batch, price) = cpu::of(|| {
        let args = ["--language", languages];
        fleet::process(&scans.images, &folder.join("fleet"), &folder.join("out"), &args)
    });
    let text = |image: &PathBuf| batch.out.join(truth::stem(image)).with_extension("txt");
    let texts = scans
        .images
        .iter()
        .map(|image| std::fs::read_to_string(text(image)).unwrap_or_default());
    let ours = overlap(&scans.texts, texts);
    let (theirs, their_price) = cpu::of(|| {
        let texts = scans.images.iter().map(|image| tesseract(image, languages));
        overlap(&scans.texts, texts)
    });
    let print = |who, overlap: &Overlap, price: Duration| {
        println!(
            "{:15} {languages:8} {who:10} P {:.4} R {:.4} F1 {:.4}  {} images, {:.3} CPU s a page, {:.2} of tesseract's",
            scans.name,
            overlap.precision(),
            overlap.recall(),
            overlap.f1(),
            scans.images.len(),
            price.as_secs_f64() / scans.images.len() as f64,
            price.as_secs_f64() / their_price.as_secs_f64(),
        );
    };
    print("tesseract", &theirs, their_price);
    print("docfleet", &ours, price.saturating_sub(start));
    ours.f1() >= theirs.f1()
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

fn tesseract(image: &Path, languages: &str) -> String {
    let output = Command::new("tesseract")
        .arg(image)
        .args(["-", "-l", languages])
        .env("OMP_THREAD_LIMIT", "1")
        .output()
        .expect("the tesseract command (apt-get install tesseract-ocr)");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
