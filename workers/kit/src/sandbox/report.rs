//! Which parts of the sandbox the kernel granted.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// A part of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Files,
    Network,
    SystemCalls,
    Signals,
    Processes,
    OwnUser,
    Privileges,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Files => "files",
            Part::Network => "network",
            Part::SystemCalls => "system calls",
            Part::Signals => "signals",
            Part::Processes => "processes",
            Part::OwnUser => "own user",
            Part::Privileges => "privileges",
        })
    }
}

/// The parts that a child has, and those that it lacks with the reason. A part that does not apply is in neither list, such as
/// the own user if the worker is not root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub granted: Vec<Part>,
    pub missing: Vec<(Part, String)>,
    /// The id of the child's own user and group.
    pub user: Option<u32>,
}

impl Report {
    pub(super) fn note(&mut self, part: Part, result: Result<(), String>) {
        match result {
            Ok(()) => self.granted.push(part),
            Err(reason) => self.missing.push((part, reason)),
        }
    }

    /// The report as JSON, for the heartbeat.
    pub fn told(&self) -> Value {
        let granted: Vec<String> = self.granted.iter().map(Part::to_string).collect();
        let gap = |(part, reason): &(Part, String)| json!({"part": part.to_string(), "reason": reason});
        json!({"granted": granted, "missing": self.missing.iter().map(gap).collect::<Value>()})
    }

    /// What is missing and why; `None` if nothing is missing.
    pub fn gaps(&self) -> Option<String> {
        let gap = |(part, reason): &(Part, String)| format!("{part} ({reason})");
        let gaps: Vec<String> = self.missing.iter().map(gap).collect();
        (!gaps.is_empty()).then(|| gaps.join(", "))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let granted: Vec<String> = self.granted.iter().map(Part::to_string).collect();
        if granted.is_empty() {
            f.write_str("nothing granted")?
        } else {
            write!(f, "{} granted", granted.join(", "))?
        }
        match self.gaps() {
            Some(gaps) => write!(f, "; missing: {gaps}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_like_a_sentence() {
        let mut report = Report::default();
        assert_eq!(report.to_string(), "nothing granted");
        report.note(Part::Files, Ok(()));
        report.note(Part::SystemCalls, Ok(()));
        assert_eq!(report.to_string(), "files, system calls granted");
        report.note(Part::OwnUser, Err("no capability SETUID".into()));
        assert_eq!(
            report.to_string(),
            "files, system calls granted; missing: own user (no capability SETUID)"
        );
    }
}
