//! `docfleet doctor`: what this machine lacks, and the command that mends it.

use crate::args::Fleet;
use crate::exit;
use crate::output::{Cell, Table, Tone, View};
use crate::servers::find_server_programs;
use anyhow::Result;
use serde::Serialize;
use settings::Settings;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Below this, in bytes, a fleet soon fails to store what it is given.
const LEAST_SPACE: u64 = 2 << 30;

const OUR_PROGRAMS: &[&str] = &[
    "api-gateway",
    "dashboard",
    "scheduler",
    "worker-ocr",
    "worker-categorize",
    "worker-extract",
    "worker-finalize",
];

#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    /// Nothing works without it, or only a part does.
    required: bool,
    /// Where or what it is; `None`: missing.
    found: Option<String>,
    /// The command that mends it.
    mend: String,
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

/// Exit code 1 where something is missing that the fleet cannot do without.
pub fn doctor(fleet: &Fleet, settings: &Settings) -> Result<ExitCode> {
    let mut findings = vec![finding(
        "setpriv (util-linux)",
        on_path("setpriv"),
        package("util-linux"),
    )];
    findings.extend(servers(settings));
    findings.extend(languages(settings.text("OCR_LANGUAGES")));
    findings.push(Finding {
        required: false,
        ..finding(
            "pdftoppm (a second PDF renderer)",
            on_path("pdftoppm"),
            package("poppler-utils"),
        )
    });
    findings.push(disk(&fleet.data));
    findings.extend(our_programs()?);

    let sound = findings
        .iter()
        .all(|finding| finding.found.is_some() || !finding.required);
    let missing = findings.iter().filter(|finding| finding.found.is_none());
    let view = View::new(&findings)?.table(table(&findings));
    // Not in the table, which may be cut: these are for copying.
    missing
        .fold(view, |view, finding| {
            view.line(format!("{}: {}", finding.what, finding.mend))
        })
        .print(fleet.json)?;
    Ok(exit::all_well(sound))
}

fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new(&["", "what", "found"]).cut(&["found", "what"]);
    for finding in findings {
        let (word, tone) = match (&finding.found, finding.required) {
            (Some(_), _) => ("ok", Tone::Good),
            (None, true) => ("MISSING", Tone::Bad),
            (None, false) => ("absent", Tone::Dim),
        };
        table.row([
            Cell::new(word, tone),
            finding.what.as_str().into(),
            finding.found.as_deref().unwrap_or("-").into(),
        ]);
    }
    table
}

/// The servers that a fleet starts itself, unless it is given others.
fn servers(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    if settings.optional("DATABASE_URL").is_none() {
        let found = find_server_programs(None).map(|folder| folder.display().to_string());
        findings.push(finding("Postgres server", found, package("postgresql")));
    }
    if settings.optional("BROKER_URL").is_none() {
        findings.push(finding(
            "Redis server",
            on_path("redis-server"),
            package("redis-server"),
        ));
    }
    findings
}

/// Tesseract's data: of each language that documents are read in, and that for finding which way up a page is.
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

fn disk(data: &Path) -> Finding {
    // The folder may not be there yet: its first parent that is decides.
    let there = data.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let free = rustix::fs::statvfs(there)
        .map(|fs| fs.f_bavail.saturating_mul(fs.f_frsize))
        .ok();
    finding(
        format!("disk space for {}", data.display()),
        free.filter(|free| *free >= LEAST_SPACE)
            .map(|free| format!("{:.1} GiB free", free as f64 / f64::from(1 << 30))),
        format!(
            "free {} GiB there, or name another folder with --data",
            LEAST_SPACE >> 30
        ),
    )
}

/// Whether our programs are there and find their libraries: a missing one shows only when they start.
fn our_programs() -> Result<Vec<Finding>> {
    let us = std::env::current_exe()?;
    let folder = us.parent().unwrap_or(Path::new("/"));
    let check = |name: &str| finding(name, starts(&folder.join(name)), "make build");
    let mut findings: Vec<Finding> = OUR_PROGRAMS.iter().map(|name| check(name)).collect();
    findings.push(Finding {
        required: false,
        mend: "make build (it sets up libtorch first)".into(),
        ..check("worker-training")
    });
    Ok(findings)
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
