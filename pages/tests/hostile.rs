//! Real odd, broken, encrypted and malicious files: each must open or be refused with a reason, within bounds.
//!
//! Each file is opened by a process of its own, this same test binary, with little memory and time, so that a crash
//! or a bomb fails one file's check and not the run.

use fleet_tests::data_set;
use pages::{Document, Limits};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE: &str = "PAGES_TEST_HOSTILE_FILE";
/// `ulimit -v` in KiB and `ulimit -t` in seconds of CPU.
const BOUNDS: &str = "ulimit -v 4194304; ulimit -t 60; exec \"$0\" --exact one_file --nocapture";

/// The child's part: does nothing unless asked to.
#[test]
fn one_file() {
    if let Some(path) = std::env::var_os(FILE) {
        println!("verdict: {}", verdict(Path::new(&path)));
    }
}

fn verdict(path: &Path) -> String {
    let document = match Document::open(path, &Limits::default()) {
        Ok(document) => document,
        Err(error) => return error.code.to_string(),
    };
    let mut verdict = "opened".to_owned();
    for n in 0..document.page_count().min(3) {
        if let Err(error) = document.text_layer(n).and_then(|_| document.render(n, 100.0)) {
            assert_eq!(error.page, Some(n as u32 + 1));
            verdict = format!("opened, page {}: {}", n + 1, error.code);
        }
    }
    verdict
}

fn verdicts(folder: &Path) -> BTreeMap<String, String> {
    let test = std::env::current_exe().expect("this test");
    let entries = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let files = entries.filter(|path| path.is_file() && path.extension().is_none_or(|extension| extension != "tsv"));
    files
        .map(|path| (name(&path), verdict_of_child(&test, &path)))
        .collect()
}

fn name(path: &PathBuf) -> String {
    Path::new(path)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn verdict_of_child(test: &Path, file: &Path) -> String {
    let output = Command::new("sh")
        .arg("-c")
        .arg(BOUNDS)
        .arg(test)
        .env(FILE, file)
        .output()
        .expect("the child starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    // The harness prints its own words before ours on the same line.
    let verdict = stdout
        .lines()
        .find_map(|line| Some(line.split_once("verdict: ")?.1.to_owned()));
    verdict.unwrap_or_else(|| {
        panic!(
            "{}: {}\n{}",
            file.display(),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

#[test]
fn hostile_files_are_opened_or_refused_with_a_reason() {
    let Some(folder) = data_set("hostile") else { return };
    let verdicts = verdicts(&folder);
    let table = std::fs::read_to_string(folder.join("expectations.tsv")).expect("the table of expectations");
    for row in table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let (file, category) = (row[0], row[1]);
        let Some(verdict) = verdicts.get(file) else { continue };
        println!("{category:40} {file:60} {verdict}");
        match category {
            "password_required" => assert_eq!(verdict, "encrypted_pdf", "{file}"),
            "encrypted_opens_without_password" | "repairable" => {
                assert!(verdict.starts_with("opened"), "{file}: {verdict}");
            }
            "archive_or_other" if !file.ends_with(".tiff") => assert_eq!(verdict, "unsupported_type", "{file}"),
            _ => {}
        }
    }
}

#[test]
fn made_files_get_the_verdict_they_were_made_for() {
    let Some(folder) = data_set("hostile_made") else { return };
    let verdicts = verdicts(&folder);
    for (file, expected) in [
        ("zero_bytes.pdf", "empty_file"),
        ("one_byte.pdf", "unsupported_type"),
        ("jpeg_named.pdf", "opened"),
        ("pdf_named.jpg", "opened"),
        ("png_bomb_60000x60000_1bit.png", "page_too_large"),
        ("png_header_2G_x_2G.png", "page_too_large"),
        ("pages_10000.pdf", "too_many_pages"),
        ("flate_bomb_1GiB.pdf", "opened, page 1: page_too_large"),
        ("zero_pages.pdf", "no_pages"),
        ("page_1440000pt.pdf", "opened, page 1: page_too_large"),
    ] {
        if let Some(verdict) = verdicts.get(file) {
            assert_eq!(verdict, expected, "{file}");
        }
    }
}
