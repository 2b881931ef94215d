//! Fault injection: named moments at which a test can kill the process or drop a message. A build without the feature
//! `faults`, such as every release, contains none of it.
//!
//! `DOCFLEET_FAULT=Moment:FILE`. The first process that reaches the moment creates the file and kills itself with SIGKILL. A
//! message is dropped as long as the file exists.

/// Moments at which a process may die without losing work, and messages that may be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The claim of a task is committed, but the worker has not used it yet.
    Claimed,
    /// A child has finished its work, but only its supervisor knows.
    Answered,
    /// The files of a result are stored, but no row refers to them yet.
    Published,
    /// The transaction that ends a task is written, but not committed.
    Written,
    /// That transaction is committed, but no wake-ups were sent for the tasks that follow.
    Committed,
    /// The transaction that takes a task back is written, but not committed.
    TakenBack,
    /// Due tasks were made ready, but no wake-ups were sent.
    Released,
    /// The firing of a schedule is written, but not committed.
    Fired,
    /// The firing is committed, but no wake-up was sent.
    FireCommitted,
    /// An upload is committed, but no wake-up was sent and the client has no answer.
    Accepted,
    /// The renewal of leases: a message that may be dropped.
    Renewal,
}

/// Kills the process if this moment was requested.
#[cfg(feature = "faults")]
pub fn dies(at: Moment) {
    if armed(at).is_some_and(|file| std::fs::File::create_new(file).is_ok()) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }
}

/// Whether this message is to be dropped.
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
