//! When root starts the fleet, its servers run as another user.

use rustix::io;
use rustix::process::{Gid, Uid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, set_capabilities, set_keep_capabilities, set_no_new_privs, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};

/// The environment variable with the user, as `uid:gid`, to which a process started as root switches.
///
/// The process itself switches, after its program file was opened: only root may be able to reach that file.
pub const RUN_AS: &str = "DOCFLEET_RUN_AS";

/// If [`RUN_AS`] is set, gives up root for good. Only the right to listen on ports below 1024 is kept.
///
/// Must be called while the process has a single thread, because the kernel changes only the calling thread.
///
/// # Errors
/// A message for the operator.
pub fn give_up_root() -> Result<(), String> {
    let Ok(given) = std::env::var(RUN_AS) else {
        return Ok(());
    };
    let number = |text: &str| text.parse::<u32>().ok().filter(|id| *id != 0);
    let ids = given
        .split_once(':')
        .and_then(|(user, group)| Some((number(user)?, number(group)?)));
    let (user, group) = ids.ok_or_else(|| format!("{RUN_AS}={given}: must be uid:gid, and not those of root"))?;
    become_user(Uid::from_raw(user), Gid::from_raw(group))
        .map_err(|error| format!("this process cannot become user {user} (variable {RUN_AS}): {error}"))
}

fn become_user(user: Uid, group: Gid) -> io::Result<()> {
    set_thread_groups(&[])?;
    set_thread_res_gid(group, group, group)?;
    set_keep_capabilities(true)?;
    set_thread_res_uid(user, user, user)?;
    set_keep_capabilities(false)?;
    let kept = CapabilitySet::NET_BIND_SERVICE;
    let sets = CapabilitySets {
        effective: kept,
        permitted: kept,
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, sets)?;
    set_no_new_privs(true)
}
