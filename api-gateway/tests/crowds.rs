//! Many clients at once, and clients that do nothing.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{PDF, Server, assert_problem, id, pdf};
use fleet_tests::{Services, wait_until};
use reqwest::Body;
use reqwest::multipart::{Form, Part};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// More connections than a server holds.
const CROWD: usize = 1200;
/// As many as it holds, and those it keeps for probes.
const ALL: usize = 1024 + 32;

/// Both ends of all connections are files of this process.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.maximum;
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.base.strip_prefix("http://").unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn idle_connections_do_not_block_requests() {
    raise_open_files();
    let server = Server::start(&[]).await;
    let mut idle = Vec::new();
    for _ in 0..CROWD {
        idle.push(connect(&server).await);
    }
    assert_eq!(server.get("/api/v1/documents").await.status(), 200);
    assert_eq!(idle[0].read(&mut [0]).await.unwrap(), 0, "the oldest made room");
    // One that has asked for something is kept longer than one that has not.
    let kept = connect(&server).await;
    let (_, kept) = ask(kept, "/healthz").await;
    for _ in 0..CROWD {
        idle.push(connect(&server).await);
    }
    assert_eq!(ask(kept, "/healthz").await.0, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_full_server_answers_probes_and_says_that_it_is_full() {
    raise_open_files();
    let server = Server::start(&[]).await;
    let events = format!("/api/v1/documents/{}/events", server.queued().await);
    let mut busy = Vec::new();
    for _ in 0..ALL {
        busy.push(ask(connect(&server).await, &events).await);
    }
    let full = busy.iter().filter(|(status, _)| status.contains("503")).count();
    assert!((1..=40).contains(&full), "{full} of {ALL}");
    assert_problem(server.get("/api/v1/documents").await, 503, "too_many_connections").await;
    assert_eq!(server.get("/healthz").await.status(), 200);
    assert_eq!(server.get("/readyz").await.status(), 200);
    drop(busy);
    wait_until("connections to be free again", async || {
        server.get("/api/v1/documents").await.status() == 200
    })
    .await;
}

/// The first line of the answer, once it is there, and the connection.
async fn ask(mut connection: TcpStream, path: &str) -> (String, TcpStream) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut some = [0; 4096];
        match connection.read(&mut some).await.unwrap() {
            0 => break,
            read => answer.extend_from_slice(&some[..read]),
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    (answer.lines().next().unwrap_or_default().to_owned(), connection)
}

#[tokio::test]
async fn stalled_uploads_make_room_for_others() {
    raise_open_files();
    let server = Server::start(&[]).await;
    let mut stalled = Vec::new();
    for n in 1..=256 {
        let mut upload = connect(&server).await;
        let head = "POST /api/v1/documents HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9000000\r\n\
                    content-type: multipart/form-data; boundary=edge\r\n\r\n\
                    --edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n";
        upload
            .write_all(&[head.as_bytes(), PDF, &[b' '; 8192]].concat())
            .await
            .unwrap();
        stalled.push(upload);
        if n % 64 == 0 {
            wait_until("uploads to reach the storage", async || server.objects() == n).await;
        }
    }
    let refused = server.upload(pdf()).await;
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_problem(refused, 503, "too_many_uploads").await;
    assert_eq!(server.get("/api/v1/documents").await.status(), 200);
    wait_until("an upload that sends nothing to make room", async || {
        server.upload(pdf()).await.status() == 202
    })
    .await;
    let mut answer = String::new();
    let told = async |upload: &mut TcpStream, answer: &mut String| upload.read_to_string(answer).await.is_ok();
    assert!(told(&mut stalled[0], &mut answer).await);
    assert!(answer.contains("408") && answer.contains("upload_stalled"), "{answer}");
    drop(stalled);
    wait_until("what was begun to be removed", async || server.objects() == 1).await;
}

#[tokio::test]
async fn a_database_that_restarts_at_the_end_of_an_upload_costs_nothing() {
    let services = Services::start();
    let server = Server::start_at(services.database(), &[]).await;
    let (send, receive) = mpsc::channel::<std::io::Result<Vec<u8>>>(1);
    let body = futures_util::stream::unfold(
        receive,
        |mut receive| async move { Some((receive.recv().await?, receive)) },
    );
    let form = Form::new().part("file", Part::stream(Body::wrap_stream(body)).file_name("a.pdf"));
    let request = server.client.post(server.url("/api/v1/documents")).multipart(form);
    let uploading = tokio::spawn(request.send());
    send.send(Ok([PDF, &[b' '; 8192]].concat())).await.unwrap();
    wait_until("the upload to reach the storage", async || server.objects() > 0).await;
    services.kill_postgres();
    drop(send);
    services.start_postgres();
    let answer = uploading.await.unwrap().unwrap();
    assert_eq!(answer.status(), 202);
    let document = id(&answer.json().await.unwrap());
    assert_eq!(server.get(&format!("/api/v1/documents/{document}")).await.status(), 200);
}

#[tokio::test]
async fn a_burst_of_uploads_is_accepted() {
    let server = Server::start(&[]).await;
    let uploads = (0..200).map(|_| async { server.upload(pdf()).await.status().as_u16() });
    let statuses = futures_util::future::join_all(uploads).await;
    assert!(statuses.iter().all(|status| *status == 202), "{statuses:?}");
}
