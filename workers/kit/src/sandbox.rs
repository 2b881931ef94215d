//! What a child may not do.

use rustix::process::{Resource, Rlimit, getpid, getrlimit, set_child_subreaper, setrlimit};
use std::io;

/// Open files: a page needs a handful.
const FILES: u64 = 256;
/// Largest file that a child may write, in bytes.
const FILE_SIZE: u64 = 8 << 30;

/// Called first thing in the child, in a process group of its own.
pub fn enter() -> io::Result<()> {
    // Nothing that is started here gets out of sight: see the module on the family.
    set_child_subreaper(Some(getpid()))?;
    rustix::thread::set_no_new_privs(true)?;
    limit(Resource::Nofile, FILES)?;
    limit(Resource::Fsize, FILE_SIZE)?;
    limit(Resource::Core, 0)?;
    // The kernel's choice, should memory run out, is the child and never the supervisor.
    if let Err(error) = std::fs::write("/proc/self/oom_score_adj", "1000") {
        eprintln!("the child could not offer itself to the kernel's memory killer: {error}");
    }
    Ok(())
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let hard = getrlimit(resource).maximum.map_or(most, |hard| hard.min(most));
    Ok(setrlimit(
        resource,
        Rlimit {
            current: Some(hard),
            maximum: Some(hard),
        },
    )?)
}
