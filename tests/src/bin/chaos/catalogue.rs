//! The documents to upload, and the expected end of each.

use crate::ledger::Expected;
use anyhow::Result;
use fleet_tests::{REFUSED, data_set};
use models::rng::SplitMix64;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct Document {
    pub name: String,
    pub bytes: Vec<u8>,
    pub expected: Expected,
}

impl Document {
    fn read(path: &Path, expected: Expected) -> Result<Document> {
        Ok(Document {
            name: name_of(path),
            bytes: fs::read(path)?,
            expected,
        })
    }
}

/// Good documents, those of them that are slow, and those that must fail.
pub struct Catalogue {
    good: Vec<Document>,
    slow: Vec<Document>,
    bad: Vec<Document>,
}

/// Most files to take from a data set, and the size limit of each.
const MOST: usize = 12;
const LARGEST: u64 = 200_000;
/// Fraction of all uploads.
const BAD: f64 = 0.15;
const SLOW: f64 = 0.35;
/// Samples whose pages must be recognised.
const SCANS: &[&str] = &["contract-scan-en.jpg", "dossier-mixed-en.pdf", "receipt-de.jpg"];

impl Catalogue {
    /// The samples, plus files from the data sets if those are available.
    pub fn open() -> Result<Catalogue> {
        let scan = |document: &Document| SCANS.contains(&document.name.as_str());
        let (slow, mut good): (Vec<_>, Vec<_>) = samples()?.into_iter().partition(scan);
        for path in files("invoices")
            .into_iter()
            .filter(|path| path.metadata().is_ok_and(|meta| meta.len() <= LARGEST))
            .take(MOST)
        {
            good.push(Document::read(&path, Expected::Done)?);
        }
        let mut bad = vec![Document {
            name: "receipt-of-nothing.pdf".into(),
            bytes: b"%PDF-1.7\nnothing at all".to_vec(),
            expected: Expected::Failed("corrupt_file"),
        }];
        let known = |path: &PathBuf| {
            let name = name_of(path);
            REFUSED.iter().find(|(file, _)| *file == name).map(|(_, code)| *code)
        };
        for path in [files("hostile"), files("hostile_made")].concat() {
            if let Some(code) = known(&path) {
                bad.push(Document::read(&path, Expected::Failed(code))?);
            }
        }
        Ok(Catalogue { good, slow, bad })
    }

    pub fn pick(&self, dice: &mut SplitMix64) -> &Document {
        let shelf = match dice.unit() {
            part if part < BAD => &self.bad,
            part if part < BAD + SLOW => &self.slow,
            _ => &self.good,
        };
        &shelf[dice.below(shelf.len())]
    }
}

pub fn samples() -> Result<Vec<Document>> {
    let paths = samples::all()?.into_iter().map(|sample| sample.path);
    paths.map(|path| Document::read(&path, Expected::Done)).collect()
}

/// Every hostile file there is.
pub fn hostile() -> Result<Vec<Document>> {
    let paths = [files("hostile"), files("hostile_made")].concat();
    let expected = |path: &Path| {
        let name = name_of(path);
        let known = REFUSED.iter().find(|(file, _)| *file == name);
        known.map_or(Expected::Ended, |(_, code)| Expected::Failed(code))
    };
    paths.iter().map(|path| Document::read(path, expected(path))).collect()
}

/// The files of a data set in the order of their names. If it has a folder `pdf`, those in it.
fn files(set: &str) -> Vec<PathBuf> {
    let Some(folder) = data_set(set) else {
        return Vec::new();
    };
    let folder = Some(folder.join("pdf")).filter(|pdf| pdf.is_dir()).unwrap_or(folder);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|file| file.is_file() && file.extension().is_none_or(|ending| ending != "tsv"));
    files.sort();
    files
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
