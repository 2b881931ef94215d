//! A whole fleet in a folder of its own, and the program as a user calls it.

use queue_schema::{WORKERS, Worker};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const DOCFLEET: &str = env!("CARGO_BIN_EXE_docfleet");
/// How long nothing may happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The programs of a fleet that is complete without libtorch.
fn needed() -> impl Iterator<Item = String> {
    let workers = WORKERS.iter().filter(|worker| !worker.needs_torch);
    let services = ["api-gateway", "dashboard", "scheduler"].map(str::to_owned);
    services.into_iter().chain(workers.map(Worker::binary))
}

/// A PDF of one page with a line of text, as small as they come.
pub fn pdf() -> Vec<u8> {
    let text = "BT /F1 24 Tf 72 720 Td (INVOICE 4711 of 2024-05-31, total 119.00 EUR) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut out, mut table) = (String::from("%PDF-1.4\n"), String::new());
    for (i, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", i + 1));
    }
    let start = out.len();
    let size = objects.len() + 1;
    out.push_str(&format!("xref\n0 {size}\n0000000000 65535 f \n{table}"));
    out.push_str(&format!(
        "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    out.into_bytes()
}

pub struct Fleet {
    pub tmp: tempfile::TempDir,
    pub front: Child,
}

impl Fleet {
    pub fn start() -> Fleet {
        let folder = Path::new(DOCFLEET).parent().unwrap();
        let missing = needed().find(|name| !folder.join(name).is_file());
        assert_eq!(
            missing,
            None,
            "not in {}; run cargo build --workspace --bins first",
            folder.display()
        );
        let tmp = tempfile::tempdir().unwrap();
        // The user that a root's Postgres runs as passes through here.
        fs::set_permissions(tmp.path(), Permissions::from_mode(0o711)).unwrap();
        let front = docfleet(&tmp)
            .args([
                "up",
                "--bind",
                "127.0.0.1:0",
                "--dashboard-bind",
                "127.0.0.1:0",
                "--workers",
                "ocr=1,training=0",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let fleet = Fleet { tmp, front };
        fleet.inner_other_than(0);
        fleet
    }

    pub fn data(&self) -> PathBuf {
        self.tmp.path().join("data")
    }

    pub fn call(&self, args: &[&str]) -> Output {
        docfleet(&self.tmp).args(args).output().unwrap()
    }

    /// As [`Fleet::call`], for a call that goes on.
    pub fn talk(&self, args: &[&str]) -> Talk {
        let mut child = docfleet(&self.tmp).args(args).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Talk {
            child,
            out,
            heard: String::new(),
        }
    }

    /// Waits for a document that is none of these, and returns its id.
    pub fn newest_document(&self, but: &[&str]) -> String {
        let start = Instant::now();
        loop {
            let answer = self.call(&["status", "--json"]);
            let documents: Value = serde_json::from_slice(&answer.stdout).unwrap();
            let ids = documents["documents"].as_array().unwrap().iter();
            let found = ids
                .filter_map(|document| document["id"].as_str())
                .find(|id| !but.contains(id));
            match found {
                Some(id) => return id.to_owned(),
                None => assert!(start.elapsed() < PATIENCE, "there is no other document"),
            }
        }
    }

    /// Waits until a fleet other than that of process `before` is ready.
    pub fn inner_other_than(&self, before: u64) -> u64 {
        let start = Instant::now();
        loop {
            let record = fs::read(self.data().join("fleet.json")).ok();
            let record: Option<Value> = record.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            match record.and_then(|record| record["pid"].as_u64()) {
                Some(pid) if pid != before => return pid,
                _ => assert!(start.elapsed() < PATIENCE, "no fleet became ready"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn process_one(&self, name: &str) {
        let file = self.tmp.path().join(format!("{name}.pdf"));
        fs::write(&file, pdf()).unwrap();
        let out = self.tmp.path().join("out");
        let done = self.call(&["process", file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(
            fs::read_to_string(out.join(format!("{name}.txt")))
                .unwrap()
                .contains("INVOICE 4711")
        );
        assert!(fs::read(out.join(format!("{name}.pdf"))).unwrap().starts_with(b"%PDF"));
        let summary = fs::read_to_string(out.join("summary.csv")).unwrap();
        assert!(summary.contains(",done,"), "{summary}");
    }

    /// Processes that name the data folder on their command line.
    pub fn left(&self) -> Vec<String> {
        let data = self.data().display().to_string();
        let lines = fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let line = fs::read(entry.ok()?.path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&line).replace('\0', " "))
        });
        lines.filter(|line| line.contains(&data)).collect()
    }
}

/// A call under way, and what it has said so far.
pub struct Talk {
    child: Child,
    out: BufReader<ChildStdout>,
    heard: String,
}

impl Talk {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(
            self.out.read_line(&mut line).unwrap(),
            0,
            "it said no more than {:?}",
            self.heard
        );
        self.heard.push_str(&line);
        line
    }

    pub fn until(&mut self, is_so: impl Fn(&str) -> bool) {
        while !is_so(&self.heard) {
            self.line();
        }
    }

    /// Waits for the end; the exit code and all that was said.
    pub fn end(mut self) -> (Option<i32>, String) {
        self.out.read_to_string(&mut self.heard).unwrap();
        (self.child.wait().unwrap().code(), self.heard)
    }

    /// As `| head` does: the reading end is closed. The exit code.
    pub fn stop_reading(self) -> Option<i32> {
        let Talk { mut child, out, .. } = self;
        drop(out);
        child.wait().unwrap().code()
    }
}

pub fn interrupt(pid: u32) {
    let sent = Command::new("kill").args(["-INT", &pid.to_string()]).status();
    assert!(sent.unwrap().success());
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let _ = self.call(&["down", "--now"]);
        let _ = self.front.kill();
        let _ = self.front.wait();
    }
}

pub fn docfleet(tmp: &tempfile::TempDir) -> Command {
    let mut command = Command::new(DOCFLEET);
    command
        .env("DOCFLEET_DATA", tmp.path().join("data"))
        .env_remove("DATABASE_URL")
        .env_remove("BROKER_URL")
        .env_remove("STORAGE_URL")
        .env_remove("BIND")
        .env_remove("API_KEY");
    command
}

pub fn kill(pid: u64) {
    assert!(
        Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}
