//! Checks what this machine needs to run a fleet, and names the command that fixes what is missing.

use crate::servers::find_server_programs;
use boot::Space;
use queue_schema::WORKERS;
use queue_schema::shortage::{Shortage, size};
use serde::Serialize;
use settings::{BROKER_URL, DATABASE_FOLDER, DATABASE_URL, OCR_LANGUAGES, STORAGE_URL, Settings};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SERVICES: [&str; 3] = ["api-gateway", "dashboard", "scheduler"];

#[derive(Debug, Serialize)]
pub struct Finding {
    pub what: String,
    /// Whether the fleet cannot start without it. Otherwise only a part of it does not work.
    pub required: bool,
    /// What was found, such as a path or a version. `None`: it is missing.
    pub found: Option<String>,
    /// The command that fixes it.
    pub mend: String,
}

impl Finding {
    /// What is missing and how to fix it, in one line.
    pub fn remedy(&self) -> String {
        format!("{}: {}", self.what, self.mend)
    }
}

fn finding(what: impl Into<String>, found: Option<String>, mend: impl Into<String>) -> Finding {
    Finding {
        what: what.into(),
        required: true,
        found,
        mend: mend.into(),
    }
}

fn package(name: &str) -> String {
    format!("apt-get install --no-install-recommends {name}")
}

/// What a fleet in this folder cannot start without.
pub fn required(data: &Path, settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![finding(
        "setpriv (util-linux)",
        on_path("setpriv"),
        package("util-linux"),
    )];
    findings.extend(servers(settings));
    findings.extend(languages(settings.get(OCR_LANGUAGES)));
    findings.extend(disks(data, settings));
    findings.extend(SERVICES.map(program));
    let workers = WORKERS.iter().filter(|worker| !worker.needs_torch);
    findings.extend(workers.map(|worker| program(&worker.binary())));
    findings
}

/// What only a part of the fleet needs.
pub fn optional() -> Vec<Finding> {
    let renderer = finding(
        "pdftoppm (a second PDF renderer)",
        on_path("pdftoppm"),
        package("poppler-utils"),
    );
    let training = WORKERS
        .iter()
        .filter(|worker| worker.needs_torch)
        .map(|worker| Finding {
            mend: "make build (it sets up libtorch first)".into(),
            ..program(&worker.binary())
        });
    let all = [renderer].into_iter().chain(training);
    all.map(|finding| Finding {
        required: false,
        ..finding
    })
    .collect()
}

/// The servers that a fleet starts itself, unless the settings name others.
fn servers(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    if settings.get(DATABASE_URL).is_none() {
        let found = find_server_programs(None).map(|folder| folder.display().to_string());
        findings.push(finding("Postgres server", found, package("postgresql")));
    }
    if settings.get(BROKER_URL).is_none() {
        findings.push(finding(
            "Redis server",
            on_path("redis-server"),
            package("redis-server"),
        ));
    }
    findings
}

/// Tesseract's data files: one per language of the documents, and `osd`, which detects the orientation of a page.
fn languages(languages: &str) -> Vec<Finding> {
    let folders = tessdata_folders();
    languages
        .split('+')
        .chain(["osd"])
        .map(|language| {
            let file = format!("{language}.traineddata");
            let found = folders
                .iter()
                .map(|folder| folder.join(&file))
                .find(|path| path.is_file());
            finding(
                format!("Tesseract data: {language}"),
                found.map(|path| path.display().to_string()),
                package(&format!("tesseract-ocr-{}", language.replace('_', "-"))),
            )
        })
        .collect()
}

fn tessdata_folders() -> Vec<PathBuf> {
    if let Some(prefix) = std::env::var_os("TESSDATA_PREFIX") {
        return vec![prefix.into()];
    }
    let versions = std::fs::read_dir("/usr/share/tesseract-ocr").into_iter().flatten();
    let mut folders: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("tessdata")))
        .collect();
    folders.extend(["/usr/share/tessdata", "/usr/local/share/tessdata"].map(PathBuf::from));
    folders
}

/// Checks that each file system that the fleet in this folder writes to has its reserve free.
fn disks(data: &Path, settings: &Settings) -> Vec<Finding> {
    let own_database = settings.get(DATABASE_URL).is_none();
    let folders = [
        Some((STORAGE_URL.name, format!("file://{}", data.join("storage").display()))),
        own_database.then(|| (DATABASE_FOLDER.name, data.join("postgres").display().to_string())),
    ];
    let folders = folders
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_owned(), value));
    let given = settings
        .given()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    // The settings were already validated when they were read.
    let Ok(settings) = Settings::from_pairs(folders.chain(given), []) else {
        return Vec::new();
    };
    let finding_of = |(what, path, room): (&str, &Path, Result<u64, Shortage>)| {
        let what = format!("disk space for {what} ({})", path.display());
        match room {
            Ok(free) => finding(what, Some(format!("{} free", size(free))), Shortage::REMEDY),
            Err(shortage) => finding(what, None, format!("{shortage}; {}", Shortage::REMEDY)),
        }
    };
    Space::of(&settings).rooms().map(finding_of).collect()
}

/// Checks that a program of docfleet exists and starts: a missing library only shows when it starts.
fn program(name: &str) -> Finding {
    let us = std::env::current_exe().unwrap_or_default();
    let path = us.with_file_name(name);
    finding(name, starts(&path), "make build")
}

fn starts(program: &Path) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let words = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(words)
}

fn on_path(program: &str) -> Option<String> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file());
    found.map(|path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let findings = languages("eng+xx_vert");
        assert_eq!(findings.len(), 3);
        assert!(findings[1].found.is_none());
        assert!(findings[1].mend.ends_with("tesseract-ocr-xx-vert"));
    }

    #[test]
    fn programs_that_do_not_start_are_missing() {
        assert!(starts(Path::new("/no/such/program")).is_none());
        assert!(on_path("sh").is_some());
    }
}
