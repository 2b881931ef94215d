//! No capabilities, and no way to gain any.

use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_no_new_privs};

const NONE: CapabilitySets = CapabilitySets {
    effective: CapabilitySet::empty(),
    permitted: CapabilitySet::empty(),
    inheritable: CapabilitySet::empty(),
};

pub fn drop_all() -> Result<(), String> {
    // Programs that are executed later gain no privileges, even if they are setuid root.
    set_no_new_privs(true).map_err(|e| format!("no_new_privs: {e}"))?;
    set_capabilities(None, NONE).map_err(|e| format!("capabilities: {e}"))?;
    match capabilities(None) {
        Ok(NONE) => Ok(()),
        Ok(_) => Err("some capabilities stayed".to_owned()),
        Err(error) => Err(format!("capabilities: {error}")),
    }
}
