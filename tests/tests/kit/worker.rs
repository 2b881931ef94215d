//! A worker process of a test.

use crate::support::send;
use fleet_tests::{wait_for, wait_until};
use rustix::process::Signal;
use std::fs;
use std::process::Child;
use uuid::Uuid;

pub struct Worker {
    pub id: Uuid,
    pub(crate) process: Child,
    pub(crate) log: tempfile::NamedTempFile,
}

impl Worker {
    pub fn pid(&self) -> i32 {
        self.process.id() as i32
    }

    pub fn signal(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    /// Waits until the worker has ended. Returns whether it succeeded.
    pub async fn ended(&mut self) -> bool {
        let status = wait_for("the worker to end", async || {
            self.process.try_wait().expect("our own child")
        });
        status.await.success()
    }

    pub async fn logs(&self, words: &str) {
        wait_until(&format!("{words:?} in the log"), async || self.log().contains(words)).await;
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).unwrap_or_default()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("--- the log of worker {}\n{}", self.id, self.log());
        }
    }
}
