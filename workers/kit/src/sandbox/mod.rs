//! The sandbox of child processes.
//!
//! Each part is requested from the kernel separately, and is either granted or missing with a reason. The supervisor logs them,
//! and ends if one is missing while all are required. See `docs/adr/0010-sandbox.md`.

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

/// Called first in the child, in a process group of its own and with a single thread; later threads inherit all of it. The
/// child may write only to `folder` and to what `access` names, and no file larger than `file_size`.
pub fn enter(folder: &Path, access: &Access, file_size: u64) -> io::Result<Report> {
    // Orphaned descendants become our children, so that they can be found (see the module `family`).
    set_child_subreaper(Some(getpid()))?;
    limits::set(file_size)?;
    // If memory runs out, the kernel is to kill the child, never the supervisor.
    if let Err(error) = std::fs::write("/proc/self/oom_score_adj", "1000") {
        eprintln!("the child could not offer itself to the kernel's memory killer: {error}");
    }
    let mut report = Report::default();
    let programs = access.installed_programs();
    // Before the change of user, while every path that gets a rule can still be opened.
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

/// Protects the supervisor; to be called before it has other threads. Other processes of its user cannot read its memory or
/// environment, which hold credentials. Children do not inherit files that the supervisor's parent left open.
pub fn shield() -> io::Result<()> {
    close_fds::set_fds_cloexec(3, &[]);
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}
