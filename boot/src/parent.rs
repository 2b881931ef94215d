//! Processes of `docfleet up` end when their parent ends, however it ends.

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal, test_kill_process};

/// The environment variable that holds the process id of the parent to die with.
pub const DIE_WITH_PARENT: &str = "DOCFLEET_DIE_WITH_PARENT";

/// If [`DIE_WITH_PARENT`] is set, asks the kernel to kill this process when its parent ends, and exits at once if the parent
/// is already gone.
///
/// The kernel watches the parent's *thread* that started this process. So the parent must start such processes from a thread
/// that lives as long as the parent does.
pub fn die_with_parent() {
    let Ok(parent) = std::env::var(DIE_WITH_PARENT) else {
        return;
    };
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        eprintln!("the kernel does not tie this process to its parent: {error}");
    }
    let parent = parent.parse().ok().and_then(Pid::from_raw);
    let gone = parent.is_some_and(|parent| getppid() != Some(parent) && test_kill_process(parent).is_err());
    if gone {
        std::process::exit(1);
    }
}
