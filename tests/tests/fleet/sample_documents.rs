//! The samples, processed by the command that a new user runs first.

use fleet_tests::binary;
use queue_schema::document::PageSource;
use samples::Sample;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[test]
fn samples_come_out_as_expected() {
    let folder = tempfile::Builder::new().prefix("fleet").tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let samples = samples::all().unwrap();
    let status = Command::new(binary("docfleet"))
        .arg("process")
        .args(samples.iter().map(|sample| &sample.path))
        .arg("--out")
        .arg(&out)
        .arg("--data")
        .arg(&data)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0), "docfleet process ended with {status}");
    for sample in &samples {
        check(sample, &out);
    }
    let summary = std::fs::read_to_string(out.join("summary.csv")).unwrap();
    assert_eq!(summary.lines().count(), samples.len() + 1, "{summary}");
}

fn check(sample: &Sample, out: &Path) {
    let name = &sample.name;
    let json = std::fs::read(out.join(format!("{name}.json"))).unwrap();
    let result: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        result["category"]["name"],
        sample.expected.category.as_str(),
        "{name}: category"
    );
    for field in &sample.expected.fields {
        let found = result["fields"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["label"] == field.label.as_str());
        let values: Vec<_> = found.map(|f| f["value"].as_str().unwrap()).collect();
        assert!(
            values.contains(&field.value.as_str()),
            "{name}: {} is {values:?}, not {:?}",
            field.label,
            field.value
        );
    }
    let pages = result["pages"].as_array().unwrap();
    assert_eq!(pages.len(), sample.expected.page_count(), "{name}: pages");
    let searchable = text_of_pdf(&out.join(format!("{name}.pdf")));
    for (page, expected) in pages.iter().zip(&sample.expected.pages) {
        let source = serde_json::to_value::<PageSource>(expected.source).unwrap();
        assert_eq!(page["source"], source, "{name}: page {}", page["page"]);
        let words: Vec<_> = page["words"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w["text"].as_str().unwrap())
            .collect();
        for word in &expected.words {
            assert!(
                words.iter().any(|found| found.contains(word)),
                "{name}: page {} lacks {word:?}: {words:?}",
                page["page"]
            );
            assert!(searchable.contains(word), "{name}: the searchable PDF lacks {word:?}");
        }
    }
}

fn text_of_pdf(pdf: &Path) -> String {
    let output = Command::new("pdftotext")
        .arg(pdf)
        .arg("-")
        .output()
        .expect("pdftotext (apt-get install poppler-utils)");
    assert!(
        output.status.success(),
        "{}: {}",
        pdf.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
