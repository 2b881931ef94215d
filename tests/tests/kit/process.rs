//! Processes of the fleet other than workers.

use crate::support::Fleet;
use fleet_tests::{binary, wait_until};
use std::process::{Child, Command, Stdio};

/// A process of the fleet, which ends with the test.
pub struct Process(Child);

impl Process {
    pub fn start(fleet: &Fleet, name: &str, more: &[(&str, String)]) -> Process {
        let child = Command::new(binary(name))
            .env("DOCFLEET_DIE_WITH_PARENT", std::process::id().to_string())
            .envs(fleet.home.env())
            .envs(fleet.settings.iter().cloned())
            .envs(more.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Process(child.expect("a binary of ours starts"))
    }

    /// Waits for its end.
    pub async fn dies(&mut self) {
        wait_until("the process to die", async || self.is_dead()).await;
    }

    pub fn is_dead(&mut self) -> bool {
        self.0.try_wait().expect("our own child").is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
