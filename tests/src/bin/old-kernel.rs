//! Runs a command as on a kernel without Landlock: its system calls return ENOSYS.
//!
//! `old-kernel COMMAND…`

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::Command;

const LANDLOCK_CREATE_RULESET: i64 = 444;
/// ENOSYS
const UNKNOWN: u32 = 38;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().ok_or("name a command")?;
    let unknown = BTreeMap::from([(LANDLOCK_CREATE_RULESET, Vec::new())]);
    let (allow, refuse) = (SeccompAction::Allow, SeccompAction::Errno(UNKNOWN));
    let filter: BpfProgram =
        SeccompFilter::new(unknown, allow, refuse, std::env::consts::ARCH.try_into()?)?.try_into()?;
    apply_filter(&filter)?;
    Err(Command::new(program).args(words).exec().into())
}
