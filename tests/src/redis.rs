//! A private Redis on a Unix socket, without persistence.

use crate::folder::Folder;
use crate::process::{self, server, spawn, until_up};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Mutex;

pub(crate) struct Redis {
    folder: PathBuf,
    child: Mutex<Option<Child>>,
}

impl Redis {
    pub(crate) fn start(folder: &Folder) -> Redis {
        let redis = Redis {
            folder: folder.open_to_all("redis"),
            child: Mutex::default(),
        };
        redis.run();
        redis
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    pub(crate) fn run(&self) {
        let mut held = self.child.lock().expect("no test panics in here");
        if held.is_some() {
            return;
        }
        let mut command = server("redis-server", None);
        command
            .args([
                "--port",
                "0",
                "--save",
                "",
                "--appendonly",
                "no",
                "--databases",
                "1000",
                "--unixsocket",
            ])
            .arg(self.socket())
            .current_dir(&self.folder);
        let child = held.insert(spawn(command));
        until_up("Redis", child, || self.says("PING").as_deref() == Some("+PONG"));
    }

    pub(crate) fn kill(&self) {
        if let Some(mut child) = self.child.lock().expect("no test panics in here").take() {
            process::stop(&mut child, Signal::KILL);
        }
    }

    pub(crate) fn flush(&self) {
        assert_eq!(self.says("FLUSHALL").as_deref(), Some("+OK"), "Redis was flushed");
    }

    /// Sends a command that has a one-line answer, and returns the answer.
    fn says(&self, command: &str) -> Option<String> {
        let mut stream = UnixStream::connect(self.socket()).ok()?;
        stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.lines().next().map(str::to_owned)
    }

    /// The URL of a numbered database.
    pub(crate) fn url(&self, number: u32) -> String {
        format!("redis+unix://{}?db={number}", self.socket().display())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
