//! A whole fleet: killed piece by piece, working all the same, and stopped without a trace.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const DOCFLEET: &str = env!("CARGO_BIN_EXE_docfleet");
const PATIENCE: Duration = Duration::from_secs(120);
const NEEDED: &[&str] = &[
    "api-gateway",
    "dashboard",
    "scheduler",
    "worker-ocr",
    "worker-categorize",
    "worker-extract",
    "worker-finalize",
];

/// A PDF of one page with a line of text, as small as they come.
fn pdf() -> Vec<u8> {
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

struct Fleet {
    tmp: tempfile::TempDir,
    front: Child,
}

impl Fleet {
    /// `None` where the other programs are not built.
    fn start() -> Option<Fleet> {
        let folder = Path::new(DOCFLEET).parent().unwrap();
        if let Some(missing) = NEEDED.iter().find(|name| !folder.join(name).is_file()) {
            println!(
                "skipped: {} not found; build all binaries first",
                folder.join(missing).display()
            );
            return None;
        }
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
        Some(fleet)
    }

    fn data(&self) -> PathBuf {
        self.tmp.path().join("data")
    }

    fn call(&self, args: &[&str]) -> Output {
        docfleet(&self.tmp).args(args).output().unwrap()
    }

    /// Waits until a fleet other than that of process `before` is ready.
    fn inner_other_than(&self, before: u64) -> u64 {
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

    fn process_one(&self, name: &str) {
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
    fn left(&self) -> Vec<String> {
        let data = self.data().display().to_string();
        let lines = fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let line = fs::read(entry.ok()?.path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&line).replace('\0', " "))
        });
        lines.filter(|line| line.contains(&data)).collect()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let _ = self.call(&["down", "--now"]);
        let _ = self.front.kill();
        let _ = self.front.wait();
    }
}

fn docfleet(tmp: &tempfile::TempDir) -> Command {
    let mut command = Command::new(DOCFLEET);
    command
        .env("DOCFLEET_DATA", tmp.path().join("data"))
        .env_remove("DATABASE_URL")
        .env_remove("BROKER_URL")
        .env_remove("STORAGE_URL");
    command
}

fn kill(pid: u64) {
    assert!(
        Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn a_fleet_outlives_its_processes_and_leaves_nothing() {
    let Some(mut fleet) = Fleet::start() else {
        return;
    };
    fleet.process_one("first");

    let inner = fleet.inner_other_than(0);
    kill(inner);
    let inner = fleet.inner_other_than(inner);
    fleet.process_one("after-the-inner-one-was-killed");

    fleet.front.kill().unwrap();
    fleet.front.wait().unwrap();
    fleet.process_one("after-the-front-was-killed");
    let second = fleet.call(&["up"]);
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    assert!(second.status.success() && said.contains("already running"), "{said}");
    assert!(said.contains(&inner.to_string()), "{said}");

    for args in [
        &["queues", "--json"][..],
        &["tasks", "--json"],
        &["workers", "--json"],
        &["status", "--json"],
    ] {
        let answer = fleet.call(args);
        assert!(
            answer.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&answer.stderr)
        );
        serde_json::from_slice::<Value>(&answer.stdout).unwrap();
    }
    assert!(fleet.call(&["down"]).status.success());
    assert_eq!(fleet.left(), Vec::<String>::new());
}

#[test]
fn wrong_usage_is_told_by_its_exit_code() {
    let tmp = tempfile::tempdir().unwrap();
    let wrong = docfleet(&tmp).args(["up", "--workers", "orc=1"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    let wrong = docfleet(&tmp)
        .args(["up"])
        .env("LEASE_SECONDS", "soon")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("LEASE_SECONDS"));
    let nowhere = docfleet(&tmp).arg("queues").output().unwrap();
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("docfleet up"));
}
