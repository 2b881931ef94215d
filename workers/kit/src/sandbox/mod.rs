//! What a child may not do.
//!
//! Each part is asked of the kernel by itself, and each is granted or missing with a reason: the supervisor logs them, and
//! ends where all are required. See `docs/adr/0010-sandbox.md`.

mod calls;
mod files;
mod limits;
mod privileges;
mod report;
mod user;

pub use files::Access;
pub use report::{Part, Report};

use rustix::process::{DumpableBehavior, getpid, set_child_subreaper, set_dumpable_behavior};
use std::io;
use std::path::Path;

/// Called first thing in the child, in a process group of its own and with one thread: later threads inherit all of it.
/// `folder` is the only place where the child may write, but for what `access` names, and no file larger than `file_size`.
pub fn enter(folder: &Path, access: &Access, file_size: u64) -> io::Result<Report> {
    // Nothing that is started here gets out of sight: see the module on the family.
    set_child_subreaper(Some(getpid()))?;
    limits::set(file_size)?;
    // The kernel's choice, should memory run out, is the child and never the supervisor.
    if let Err(error) = std::fs::write("/proc/self/oom_score_adj", "1000") {
        eprintln!("the child could not offer itself to the kernel's memory killer: {error}");
    }
    let mut report = Report::default();
    let programs = access.installed_programs();
    // While we may still open everything that we are to keep.
    let landlock = files::confine(folder, access, &programs);
    let user = user::take(folder);
    report.note(Part::Files, landlock.as_ref().map(drop).map_err(Clone::clone));
    report.note(Part::Signals, files::signals(&landlock, &user));
    report.note(Part::Processes, limits::processes(&user));
    match user {
        user::Own::Taken(id) => {
            report.user = Some(id);
            report.note(Part::OwnUser, Ok(()));
        }
        user::Own::Refused(reason) => report.note(Part::OwnUser, Err(reason)),
        user::Own::NotOurs => {}
    }
    report.note(Part::Privileges, privileges::drop_all());
    let calls = calls::refuse(!programs.is_empty(), access.makes_code);
    report.note(Part::Network, calls.clone());
    report.note(Part::SystemCalls, calls);
    Ok(report)
}

/// For the supervisor, before it has any thread: nobody of its user reads its memory or environment, where the credentials
/// are, and no child gets what whoever started it left open.
pub fn shield() -> io::Result<()> {
    close_fds::set_fds_cloexec(3, &[]);
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}
