//! The account of a run: faults injected, work submitted, and counts that must be zero.

use crate::faults::{Missed, Struck};
use crate::ledger::{Finding, Ledger, Work, Wrong};
use crate::oracle::{Ends, Oracle};
use crate::resume::Pauses;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::{self, Formatter};
use std::time::Duration;

#[derive(Debug, Default, Serialize)]
pub struct Account {
    title: String,
    lease_s: f64,
    faults: BTreeMap<String, Count>,
    kills: usize,
    documents: Ends,
    tasks: Ends,
    refused_at_the_door: u32,
    answers_lost: u32,
    pub pauses: Option<Pauses>,
    /// Resident KiB of each supervisor, at the start and after each round.
    pub supervisors: BTreeMap<String, Vec<u64>>,
    pub notes: Vec<String>,
    findings: Vec<Finding>,
}

#[derive(Debug, Default, Serialize)]
struct Count {
    struck: usize,
    absent: usize,
    spared: usize,
}

impl Account {
    pub fn new(title: String, lease: Duration) -> Account {
        Account {
            title,
            lease_s: lease.as_secs_f64(),
            ..Account::default()
        }
    }

    pub fn of_faults(&mut self, struck: &[Struck]) {
        for strike in struck {
            let count = self.faults.entry(strike.fault.kind()).or_default();
            match strike.hit {
                Ok(_) => count.struck += 1,
                Err(Missed::Absent) => count.absent += 1,
                Err(Missed::Spared) => count.spared += 1,
            }
        }
        self.kills = struck.iter().filter(|s| s.fault.is_kill() && s.hit.is_ok()).count();
    }

    pub fn of_work(&mut self, oracle: &Oracle<'_>) {
        self.documents = oracle.ends(Work::Document);
        self.tasks = oracle.ends(Work::Task);
        self.refused_at_the_door = oracle.ledger.refused();
        self.answers_lost = oracle.ledger.repeated();
    }

    pub fn close(&mut self, ledger: &Ledger) {
        self.findings = ledger.findings();
    }

    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{} (lease {} s)", self.title, self.lease_s)?;
        if !self.faults.is_empty() {
            writeln!(f, "\n{:<34} {:>8} {:>8} {:>8}", "faults", "struck", "absent", "spared")?;
            for (kind, count) in &self.faults {
                writeln!(
                    f,
                    "  {kind:<32} {:>8} {:>8} {:>8}",
                    count.struck, count.absent, count.spared
                )?;
            }
            writeln!(f, "  {:<32} {:>8}", "kills in all", self.kills)?;
        }
        writeln!(
            f,
            "\n{:<34} {:>8} {:>8} {:>8} {:>12}",
            "work", "accepted", "done", "failed*", "handed back"
        )?;
        for (name, ends) in [("documents", &self.documents), ("test tasks", &self.tasks)] {
            let Ends {
                accepted,
                done,
                failed_as_expected,
                handed_back,
            } = ends;
            writeln!(
                f,
                "  {name:<32} {accepted:>8} {done:>8} {failed_as_expected:>8} {handed_back:>12}"
            )?;
        }
        writeln!(
            f,
            "  * as they had to: hostile files, tasks that crash whenever they run"
        )?;
        writeln!(f, "  {:<32} {:>8}", "refused at the door", self.refused_at_the_door)?;
        writeln!(f, "  {:<32} {:>8}", "answers lost, asked again", self.answers_lost)?;
        if let Some(Pauses {
            tasks,
            p50,
            p99,
            max,
            bound,
        }) = self.pauses
        {
            writeln!(
                f,
                "\n{:<34} {:>8} {:>8} {:>8} {:>8} {:>8}",
                "from a worker's death to resumption", "tasks", "p50 s", "p99 s", "max s", "bound"
            )?;
            writeln!(
                f,
                "  {:<32} {tasks:>9} {p50:>8.2} {p99:>8.2} {max:>8.2} {bound:>8.2}",
                ""
            )?;
            writeln!(f, "  bound: lease + interval of the reaper + 2 s")?;
        }
        if !self.supervisors.is_empty() {
            writeln!(f, "\nresident MiB of supervisors, at the start and after each round")?;
            for (name, sizes) in &self.supervisors {
                let sizes: Vec<String> = sizes.iter().map(|kib| format!("{:.1}", *kib as f64 / 1024.0)).collect();
                writeln!(f, "  {name:<32} {}", sizes.join(" "))?;
            }
        }
        for note in &self.notes {
            writeln!(f, "\n{note}")?;
        }
        writeln!(f, "\nmust be zero")?;
        for wrong in Wrong::ALL {
            let count = self.findings.iter().filter(|finding| finding.wrong == *wrong).count();
            writeln!(f, "  {:<42} {count:>8}", wrong.in_words())?;
        }
        for finding in &self.findings {
            writeln!(f, "\n{}: {}", finding.wrong.in_words(), finding.story)?;
        }
        Ok(())
    }
}
