//! Named moments at which a test can have the process killed or a message lost. A build without the feature `faults`, such
//! as every release, has nothing of it.
//!
//! `DOCFLEET_FAULT=Moment:FILE`. The process that gets to the moment first makes the file and dies of SIGKILL. A message is
//! lost as long as the file is there.

/// Where a process may die and nothing be lost, and messages that may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A task is claimed, and nobody knows yet.
    Claimed,
    /// A child has done its work, and only its supervisor knows.
    Answered,
    /// The files of a result are stored, and no row names them.
    Published,
    /// The transaction that ends a task is written, and not committed.
    Written,
    /// It is committed, and nobody was woken for what follows.
    Committed,
    /// The transaction that takes a task back is written, and not committed.
    TakenBack,
    /// What was due is ready, and nobody was woken.
    Released,
    /// The firing of a schedule is written, and not committed.
    Fired,
    /// It is committed, and nobody was woken.
    FireCommitted,
    /// An upload is committed, and neither was anybody woken nor the client told.
    Accepted,
    /// A message that may be lost: the renewal of leases.
    Renewal,
}

/// Dies here, if that was asked for.
#[cfg(feature = "faults")]
pub fn dies(at: Moment) {
    if armed(at).is_some_and(|file| std::fs::File::create_new(file).is_ok()) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }
}

/// Whether this message is to be lost.
#[cfg(feature = "faults")]
pub fn loses(message: Moment) -> bool {
    armed(message).is_some_and(|file| std::path::Path::new(&file).exists())
}

#[cfg(feature = "faults")]
fn armed(at: Moment) -> Option<String> {
    let asked = std::env::var("DOCFLEET_FAULT").ok()?;
    let (moment, file) = asked.split_once(':')?;
    (moment == format!("{at:?}")).then(|| file.to_owned())
}

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn dies(_: Moment) {}

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn loses(_: Moment) -> bool {
    false
}
