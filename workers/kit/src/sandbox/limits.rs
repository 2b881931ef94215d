//! Resource limits of a child.

use super::user::Own;
use crate::usage::tasks_of_user;
use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};
use std::io;

/// Open files. A page needs a handful.
const FILES: u64 = 256;
/// Processes and threads of a child with a user of its own.
const TASKS: u64 = 256;
/// As [`TASKS`], without a user of its own: the kernel counts all processes of the worker's user, so this is added to what the
/// user runs at the start.
const MORE_TASKS: u64 = 1024;

/// `file_size`: the largest file that the child may write, in bytes.
pub fn set(file_size: u64) -> io::Result<()> {
    limit(Resource::Nofile, FILES)?;
    limit(Resource::Fsize, file_size)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Msgqueue, 0)
}

pub fn processes(user: &Own) -> Result<(), String> {
    let most = match user {
        Own::Taken(_) => TASKS,
        Own::NotOurs => tasks_of_user(geteuid().as_raw()) + MORE_TASKS,
        Own::Refused(_) => return Err("the kernel does not count root's, and it has no user of its own".to_owned()),
    };
    limit(Resource::Nproc, most).map_err(|e| e.to_string())
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
