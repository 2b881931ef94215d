//! A fleet of `docfleet up` in a folder of its own, and helpers for tests.

use fleet_tests::tree::{self, Process};
use fleet_tests::{binary, follow, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub struct Fleet {
    up: Child,
    data: TempDir,
}

impl Fleet {
    pub async fn up(settings: &[(&str, &str)]) -> Fleet {
        let data = tempfile::Builder::new()
            .prefix("fleet")
            // The servers of a fleet started by root run as separate users.
            .permissions(Permissions::from_mode(0o711))
            .tempdir()
            .expect("a temporary folder");
        Fleet::up_again(data, settings).await
    }

    /// Starts a fleet on a folder that an earlier one may have used.
    pub async fn up_again(data: TempDir, settings: &[(&str, &str)]) -> Fleet {
        let mut given = vec![
            ("BIND".to_owned(), "127.0.0.1:0".to_owned()),
            ("LEASE_SECONDS".to_owned(), "3".to_owned()),
        ];
        given.extend(
            settings
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string())),
        );
        let log = fs::File::create(data.path().join("up.log")).expect("a log file");
        let up = Command::new(binary("docfleet"))
            .arg("up")
            .args(["--dashboard-bind", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .envs(given)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .expect("docfleet starts");
        let fleet = Fleet { up, data };
        // Servers are created and workers warm up, and each logs it: the log's growth shows progress.
        follow("the fleet to answer", async || {
            fleet.answer(&["status"]).ok_or_else(|| fleet.said_so_far())
        })
        .await;
        fleet
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary("docfleet"));
        command
            .args(args)
            .arg("--data")
            .arg(self.data.path())
            .stdin(Stdio::null());
        command
    }

    /// The JSON answer of a command. `None` if it fails, as it may while a gateway restarts.
    pub fn answer(&self, args: &[&str]) -> Option<Value> {
        let output = self.command(args).arg("--json").output().expect("docfleet runs");
        output
            .status
            .success()
            .then(|| serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    /// The error message of a command that has to fail.
    pub fn refusal(&self, args: &[&str]) -> String {
        let output = self.command(args).output().expect("docfleet runs");
        assert!(!output.status.success(), "{args:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub fn submit(&self, file: &Path) -> String {
        self.submit_with(file, &[])
    }

    pub fn submit_as(&self, file: &Path, category: &str) -> String {
        self.submit_with(file, &["--category", category])
    }

    fn submit_with(&self, file: &Path, flags: &[&str]) -> String {
        let path = file.to_str().expect("a path of UTF-8");
        let answer = self
            .answer(&[&["submit", path], flags].concat())
            .unwrap_or_else(|| panic!("{path} is refused; see {}", self.log()));
        answer[0]["document"].as_str().expect("a document's id").to_owned()
    }

    /// Runs `docfleet process` on these files and returns the rows of its summary.
    pub fn process(&self, files: &[PathBuf], out: &Path) -> Vec<Row> {
        let status = self
            .command(&["process"])
            .arg("--out")
            .arg(out)
            .args(files)
            .status()
            .expect("docfleet runs");
        assert!(
            matches!(status.code(), Some(0 | 1)),
            "docfleet process ended with {status}"
        );
        let summary = fs::read_to_string(out.join("summary.csv")).expect("a summary");
        summary.lines().skip(1).filter_map(Row::read).collect()
    }

    pub fn status(&self, document: &str) -> Option<Value> {
        self.answer(&["status", document])
    }

    /// Waits until a document has ended, and returns its status.
    pub async fn ended(&self, document: &str) -> Value {
        let mut last = Value::Null;
        follow(&format!("document {document} to end; see {}", self.log()), async || {
            // A restarting gateway does not answer, so the last status is kept.
            last = self.status(document).unwrap_or_else(|| last.take());
            match last["status"].as_str() {
                Some("done" | "failed" | "cancelled") => Ok(last.clone()),
                _ => Err(last.clone()),
            }
        })
        .await
    }

    pub async fn running(&self, document: &str) {
        wait_for("the document to be worked on", async || {
            self.status(document).filter(|d| d["status"] != "queued")
        })
        .await;
    }

    /// The address of the documents page.
    pub fn gateway(&self) -> String {
        let record = fs::read(self.data.path().join("fleet.json")).expect("a running fleet leaves word");
        let record: Value = serde_json::from_slice(&record).expect("JSON");
        record["gateway"].as_str().expect("an address").to_owned()
    }

    pub fn processes(&self) -> Vec<Process> {
        tree::descendants(self.up.id() as i32)
    }

    pub fn pid_of(&self, name: &str) -> Option<i32> {
        self.processes().iter().find(|p| p.name() == name).map(Process::pid)
    }

    /// The inner process, which keeps the others alive; not the one in the foreground.
    pub fn pid_of_inner(&self) -> Option<i32> {
        tree::children(self.up.id() as i32)
            .into_iter()
            .find(|pid| tree::command_line(*pid).contains("--inner"))
    }

    pub fn kill(pid: i32, signal: Signal) {
        kill_process(Pid::from_raw(pid).expect("a process"), signal).expect("the process is ours");
    }

    /// Sends SIGTERM, as an orchestrator does. Returns the folder, so that another fleet can start on it.
    pub async fn stop(mut self) -> TempDir {
        Fleet::kill(self.up.id() as i32, Signal::TERM);
        follow("the fleet to stop", async || {
            let ended = self.up.try_wait().expect("our own child");
            ended.ok_or_else(|| self.processes().len())
        })
        .await;
        std::mem::replace(&mut self.data, TempDir::new().expect("a temporary folder"))
    }

    /// The fleet's record, with the addresses it listens on.
    pub fn record(&self) -> Value {
        let file = fs::read(self.data.path().join("fleet.json")).expect("a running fleet's record");
        serde_json::from_slice(&file).expect("JSON")
    }

    /// Log lines of all its processes. Needs the setting LOG_FORMAT=json.
    pub fn log_lines(&self) -> Vec<Value> {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Bytes that its processes have logged.
    fn said_so_far(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |log| log.len())
    }

    pub fn said(&self, words: &str) -> bool {
        fs::read_to_string(self.log()).unwrap_or_default().contains(words)
    }

    pub fn log(&self) -> String {
        self.data.path().join("up.log").display().to_string()
    }
}

/// A line of summary.csv, with the columns that tests use.
pub struct Row {
    /// Without the folder.
    pub file: String,
    pub status: String,
    pub code: String,
}

impl Row {
    /// `file,status,category,pages,error_code,…`: in the tests, none of these is ever quoted.
    fn read(line: &str) -> Option<Row> {
        let mut cells = line.split(',');
        let file = cells.next()?.rsplit('/').next()?.to_owned();
        let status = cells.next()?.to_owned();
        Some(Row {
            file,
            status,
            code: cells.nth(2)?.to_owned(),
        })
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if !matches!(self.up.try_wait(), Ok(Some(_))) {
            for process in self.processes().iter().rev() {
                let _ = kill_process(Pid::from_raw(process.pid()).expect("a process"), Signal::KILL);
            }
            let _ = self.up.kill();
            let _ = self.up.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- {}", self.log());
            eprintln!("{}", fs::read_to_string(self.log()).unwrap_or_default());
        }
    }
}
