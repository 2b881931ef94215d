//! `docfleet doctor`: what this machine lacks, and the command that fixes it.

use crate::args::Fleet;
use crate::checks::{self, Finding};
use crate::exit;
use crate::output::{Cell, Table, Tone, View};
use anyhow::Result;
use settings::Settings;
use std::process::ExitCode;

/// Exit code 1 when something required is missing.
pub fn doctor(fleet: &Fleet, settings: &Settings) -> Result<ExitCode> {
    let mut findings = checks::required(&fleet.data, settings);
    findings.extend(checks::optional());
    let sound = findings
        .iter()
        .all(|finding| finding.found.is_some() || !finding.required);
    let missing = findings.iter().filter(|finding| finding.found.is_none());
    let view = View::new(&findings)?.table(table(&findings));
    // Below the table, whose cells may be truncated: these lines are meant to be copied.
    missing
        .fold(view, |view, finding| view.line(finding.remedy()))
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
