//! The binary itself: what it refuses to start with, how much memory an upload costs it, and how it stops.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::PDF;
use fleet_tests::{Home, Services, wait_until};
use futures_util::StreamExt;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Client, Response};
use rustix::process::{Pid, Signal, kill_process};
use std::process::Stdio;
use store::{NewKey, Scope, Store};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::mpsc;

struct Process {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Process {
    fn spawn(home: &Home, bind: &str) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_api-gateway"))
            .envs(home.env())
            .env("BIND", bind)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Process { child, log }
    }

    /// Reads the log up to a line that holds `text`.
    async fn says(&mut self, text: &str) -> String {
        let mut said = String::new();
        while let Some(line) = self.log.next_line().await.unwrap() {
            if line.contains(text) {
                return line;
            }
            said += &line;
        }
        panic!("the gateway ended without {text:?}: {said}");
    }

    async fn address(&mut self) -> String {
        let line = self.says("http://").await;
        let at = line.find("http://").unwrap();
        line[at..].trim().trim_end_matches('/').to_owned()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().unwrap().cast_signed()).unwrap()
    }

    /// The most memory that the process ever held, in KiB.
    fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

async fn upload(address: &str, body: Body) -> Response {
    let form = Form::new().part("file", Part::stream(body).file_name("a.pdf"));
    let request = Client::new()
        .post(format!("{address}/api/v1/documents"))
        .multipart(form);
    request.send().await.unwrap()
}

#[tokio::test]
async fn an_address_beyond_this_machine_needs_a_key() {
    let home = Services::shared().database();
    let mut process = Process::spawn(&home, "0.0.0.0:0");
    let said = process.says("setting BIND=0.0.0.0:0").await;
    assert!(said.contains("docfleet keys add"), "{said}");
    assert!(!process.child.wait().await.unwrap().success());
    let key = NewKey::new("ada", &[Scope::Admin]);
    let (_, secret) = Store::open(&home.settings())
        .await
        .unwrap()
        .add_key(&key, "a test")
        .await
        .unwrap();
    let mut process = Process::spawn(&home, "0.0.0.0:0");
    let list = format!("{}/api/v1/documents", process.address().await).replace("0.0.0.0", "127.0.0.1");
    assert_eq!(Client::new().get(&list).send().await.unwrap().status(), 401);
    let shown = Client::new().get(&list).bearer_auth(secret.reveal());
    assert_eq!(shown.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_large_upload_costs_little_memory() {
    const MIB: usize = 1024 * 1024;
    let mut process = Process::spawn(&Services::shared().database(), "127.0.0.1:0");
    let address = process.address().await;
    let before = process.peak_kib();
    let chunk = bytes::Bytes::from(vec![b' '; MIB]);
    let chunks =
        futures_util::stream::iter(std::iter::once(bytes::Bytes::from(PDF)).chain(std::iter::repeat_n(chunk, 200)));
    let answer = upload(&address, Body::wrap_stream(chunks.map(std::io::Result::Ok))).await;
    assert_eq!(answer.status(), 202);
    let document: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(document["size_bytes"], 200 * MIB + PDF.len());
    let grown = process.peak_kib() - before;
    assert!(grown < 64 * 1024, "200 MiB uploaded cost {grown} KiB");
}

#[tokio::test]
async fn an_upload_under_way_is_finished_before_the_end() {
    let home = Services::shared().database();
    let mut process = Process::spawn(&home, "127.0.0.1:0");
    let address = process.address().await;
    let (send, receive) = mpsc::channel::<std::io::Result<Vec<u8>>>(1);
    let body = futures_util::stream::unfold(
        receive,
        |mut receive| async move { Some((receive.recv().await?, receive)) },
    );
    let uploading = tokio::spawn(async move { upload(&address, Body::wrap_stream(body)).await });
    send.send(Ok([PDF, &[b' '; 4096]].concat())).await.unwrap();
    wait_until("the upload to reach the storage", async || common::objects(&home) > 0).await;
    kill_process(process.pid(), Signal::TERM).unwrap();
    process.says("stopping").await;
    send.send(Ok(PDF.to_vec())).await.unwrap();
    drop(send);
    assert_eq!(uploading.await.unwrap().status(), 202);
    process.says("every request is answered").await;
    assert!(process.child.wait().await.unwrap().success());
}
