//! A terminal of a given width, made by util-linux' `script`: what the program writes to it, and keys pressed on it.

use crate::support::{DOCFLEET, PATIENCE};
use console::{measure_text_width, strip_ansi_codes};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

pub const CTRL_C: &str = "\u{3}";

pub struct Terminal {
    script: Child,
    bytes: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Terminal {
    /// Runs docfleet with these arguments, which hold no quotes, on a terminal of so many columns and 24 rows.
    pub fn run(columns: u32, data: &Path, env: &[(&str, &str)], args: &[&str]) -> Terminal {
        let words: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
        let shell = format!(
            "stty cols {columns} rows 24 && exec '{DOCFLEET}' {} --data '{}'",
            words.join(" "),
            data.display()
        );
        let mut script = Command::new("script")
            .args(["--quiet", "--return", "--flush", "--command", &shell, "/dev/null"])
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = script.stdout.take().unwrap();
        let (sender, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = out.read(&mut buffer) {
                let _ = sender.send(buffer[..n].to_vec());
            }
        });
        Terminal {
            script,
            bytes,
            seen: Vec::new(),
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Waits until what was written satisfies this.
    pub fn until(&mut self, is_so: impl Fn(&str) -> bool) {
        while !is_so(&self.text()) {
            let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) else {
                panic!("it never came: {:?}", self.text());
            };
            self.seen.extend(bytes);
        }
    }

    pub fn press(&mut self, key: &str) {
        let stdin = self.script.stdin.as_mut().unwrap();
        stdin.write_all(key.as_bytes()).unwrap();
    }

    /// Waits for the end; the exit code, and all that was written.
    pub fn end(mut self) -> (Option<i32>, String) {
        while let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) {
            self.seen.extend(bytes);
        }
        (self.script.wait().unwrap().code(), self.text())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// The widest line that was written.
pub fn widest(text: &str) -> usize {
    let plain = strip_ansi_codes(text);
    let lines = plain.split(['\r', '\n']);
    lines.map(measure_text_width).max().unwrap_or_default()
}
