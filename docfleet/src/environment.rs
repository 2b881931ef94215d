//! What one process of a fleet passes to the next by its environment.

use settings::ALL;
use std::process::Command;

/// Removes the variables `NAME_FILE` of all settings. The values that the files hold are passed as `NAME`, and a process refuses
/// to start with both.
pub fn remove_files(command: &mut Command) {
    for setting in ALL {
        command.env_remove(format!("{}_FILE", setting.name()));
    }
}
