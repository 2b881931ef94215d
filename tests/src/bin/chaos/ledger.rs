//! Records all accepted work, and its end as far as it was observed.

use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Document,
    Task,
}

/// The expected end of accepted work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Done,
    /// A document: failed, with this code. A task: dead.
    Failed(&'static str),
    /// Either of the two, but with an error code of its own: the right end of this file is unknown.
    Ended,
}

/// Work that was accepted.
#[derive(Debug, Clone)]
pub struct Obligation {
    pub id: Uuid,
    pub work: Work,
    pub name: String,
    pub expected: Expected,
}

/// A violation.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    pub wrong: Wrong,
    pub story: String,
}

macro_rules! wrongs {
    ($($name:ident $text:literal),+ $(,)?) => {
        /// What must be zero, in the words of the account.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Wrong { $($name),+ }

        impl Wrong {
            pub const ALL: &[Wrong] = &[$(Wrong::$name),+];

            pub fn in_words(self) -> &'static str {
                match self { $(Wrong::$name => $text),+ }
            }
        }
    };
}

wrongs! {
    Lost "lost",
    Doubled "effects doubled",
    Stuck "stuck",
    Unexpected "ended otherwise than expected",
    OverBudget "attempts over budget or miscounted",
    Changed "terminal rows that changed",
    TwoRuns "runs beside the rightful one",
    LeftOver "processes left over",
    Late "tasks resumed late",
    Unclean "restarts that were not clean",
    Grown "supervisors that grew",
}

#[derive(Default)]
pub struct Ledger {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    obligations: Vec<Obligation>,
    ends: HashMap<Uuid, String>,
    refused: u32,
    repeated: u32,
    findings: Vec<Finding>,
}

impl Ledger {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn accept(&self, obligation: Obligation) {
        self.inner().obligations.push(obligation);
    }

    /// Counts an upload that was rejected, as a hostile file may be.
    pub fn refuse(&self) {
        self.inner().refused += 1;
    }

    /// Counts a request that was repeated because its answer was lost.
    pub fn repeat(&self) {
        self.inner().repeated += 1;
    }

    pub fn find(&self, wrong: Wrong, story: impl Into<String>) {
        let story = story.into();
        eprintln!("chaos: {}: {story}", wrong.in_words());
        self.inner().findings.push(Finding { wrong, story });
    }

    /// Records that a row has ended. An end must never change.
    pub fn ended(&self, id: Uuid, end: &str) {
        let before = self.inner().ends.insert(id, end.to_owned());
        if let Some(before) = before.filter(|before| before != end) {
            self.find(Wrong::Changed, format!("{id} was {before} and is now {end}"));
        }
    }

    /// Accepted work whose end has not been observed yet.
    pub fn live(&self, work: Work) -> usize {
        let inner = self.inner();
        let of_work = inner.obligations.iter().filter(|o| o.work == work);
        of_work.filter(|o| !inner.ends.contains_key(&o.id)).count()
    }

    pub fn ends(&self) -> usize {
        self.inner().ends.len()
    }

    pub fn obligations(&self) -> Vec<Obligation> {
        self.inner().obligations.clone()
    }

    pub fn refused(&self) -> u32 {
        self.inner().refused
    }

    pub fn repeated(&self) -> u32 {
        self.inner().repeated
    }

    pub fn findings(&self) -> Vec<Finding> {
        self.inner().findings.clone()
    }
}
