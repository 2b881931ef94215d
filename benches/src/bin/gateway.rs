//! The gateway among clients that mean no good, or come all at once: its memory, its open files, and how long good requests take.
//!
//! `cargo run -p benches --bin gateway [-- --json]`, with the gateway built in the same profile

use benches::gateway::Gateway;
use fleet_tests::Services;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

const IDLE: usize = 1500;
const STALLED: usize = 300;
const BURST: usize = 200;
const STREAMS: usize = 1000;
const MB: usize = 1_000_000;
/// How long sockets lie idle and streams are followed.
const WHILE: Duration = Duration::from_secs(20);
/// How long uploads stall.
const STALL: Duration = Duration::from_secs(60);
/// After which the memory is to be back.
const REST: Duration = Duration::from_secs(60);
const TIMEOUT: Duration = Duration::from_secs(30);

type Fault = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.maximum;
    setrlimit(Resource::Nofile, Rlimit { current, ..limit })?;
    let services = Services::start();
    let gateway = Arc::new(Gateway::start(services.home()).await);
    // The first requests make what is kept for all others.
    upload(&gateway, 1, Duration::ZERO)
        .await
        .map_err(|fault| fault.to_string())?;
    sleep(Duration::from_secs(2)).await;
    let idle_rss = gateway.rss_mib();
    let scenes = [
        measure("1,500 idle sockets reconnect", &gateway, idle_sockets(gateway.clone())).await,
        measure(
            "300 uploads stall for a minute after 5 MB",
            &gateway,
            stalled_uploads(gateway.clone()),
        )
        .await,
        measure("200 uploads of 2 MB at once", &gateway, burst(gateway.clone())).await,
        measure("1,000 event streams", &gateway, event_streams(gateway.clone())).await,
    ];
    sleep(REST).await;
    let rested = gateway.rss_mib();
    if std::env::args().any(|argument| argument == "--json") {
        println!(
            "{}",
            json!({"idle_rss_mib": idle_rss, "rss_mib_a_minute_later": rested, "scenes": scenes})
        );
        return Ok(());
    }
    println!("RSS idle {idle_rss:.0} MiB, a minute after everything {rested:.0} MiB");
    println!(
        "{:>8} {:>6} {:>8} {:>8} {:>8}  scene: good requests, answers",
        "RSS MiB", "files", "p50 ms", "p99 ms", "max ms"
    );
    for scene in &scenes {
        println!(
            "{:>8.0} {:>6} {:>8.1} {:>8.1} {:>8.1}  {}: {}, {}",
            scene["peak_rss_mib"].as_f64().unwrap_or_default(),
            scene["peak_open_files"],
            scene["p50_ms"].as_f64().unwrap_or_default(),
            scene["p99_ms"].as_f64().unwrap_or_default(),
            scene["max_ms"].as_f64().unwrap_or_default(),
            scene["scene"].as_str().unwrap_or_default(),
            scene["good_requests"],
            scene["answers"]
        );
    }
    Ok(())
}

type Answers = BTreeMap<String, usize>;

/// A scene, and what the gateway is like meanwhile.
async fn measure(name: &str, gateway: &Arc<Gateway>, scene: impl Future<Output = Answers>) -> Value {
    let over = Arc::new(AtomicBool::new(false));
    let peaks = tokio::spawn(peaks(gateway.clone(), over.clone()));
    let good = tokio::spawn(good_requests(gateway.clone(), over.clone()));
    let answers = scene.await;
    over.store(true, Ordering::Relaxed);
    let (rss, files) = peaks.await.unwrap_or_default();
    let (mut times, failed) = good.await.unwrap_or_default();
    times.sort_unstable();
    let at = |share: f64| {
        let nth = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(nth).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    };
    json!({
        "scene": name, "answers": answers, "good_requests": times.len(), "good_requests_failed": failed,
        "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0), "peak_rss_mib": rss, "peak_open_files": files,
    })
}

async fn peaks(gateway: Arc<Gateway>, over: Arc<AtomicBool>) -> (f64, usize) {
    let (mut rss, mut files) = (0.0, 0);
    while !over.load(Ordering::Relaxed) {
        rss = gateway.rss_mib().max(rss);
        files = gateway.open_files().max(files);
        sleep(Duration::from_millis(100)).await;
    }
    (rss, files)
}

/// Lists documents, on a new connection each time, as a stranger would.
async fn good_requests(gateway: Arc<Gateway>, over: Arc<AtomicBool>) -> (Vec<Duration>, usize) {
    let (mut times, mut failed) = (Vec::new(), 0);
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        if !is_answered(&gateway).await {
            failed += 1;
        }
        times.push(begun.elapsed());
        sleep(Duration::from_millis(50)).await;
    }
    (times, failed)
}

async fn is_answered(gateway: &Gateway) -> bool {
    let Ok(client) = reqwest::Client::builder().timeout(TIMEOUT).build() else {
        return false;
    };
    let asked = client.get(format!("{}/api/v1/documents?limit=1", gateway.base)).send();
    asked.await.is_ok_and(|answer| answer.status().is_success())
}

/// Sockets that send nothing, and come again when they are cut off.
async fn idle_sockets(gateway: Arc<Gateway>) -> Answers {
    let cut = Arc::new(AtomicU64::new(0));
    let mut sockets = JoinSet::new();
    for _ in 0..IDLE {
        let (address, cut) = (gateway.address, cut.clone());
        sockets.spawn(async move {
            loop {
                if let Ok(mut socket) = TcpStream::connect(address).await {
                    let _ = socket.read(&mut [0]).await;
                    cut.fetch_add(1, Ordering::Relaxed);
                }
                sleep(Duration::from_millis(100)).await;
            }
        });
    }
    sleep(WHILE).await;
    sockets.shutdown().await;
    let cut = usize::try_from(cut.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
    [("cut off".to_owned(), cut)].into()
}

async fn stalled_uploads(gateway: Arc<Gateway>) -> Answers {
    uploads(gateway, STALLED, 6 * MB, STALL).await
}

async fn burst(gateway: Arc<Gateway>) -> Answers {
    uploads(gateway, BURST, 2 * MB, Duration::ZERO).await
}

async fn uploads(gateway: Arc<Gateway>, count: usize, size: usize, stall: Duration) -> Answers {
    let mut uploads = JoinSet::new();
    for _ in 0..count {
        let gateway = gateway.clone();
        uploads.spawn(async move {
            match upload(&gateway, size, stall).await {
                Ok(told) => told,
                Err(fault) => fault.to_string(),
            }
        });
    }
    counted(uploads).await
}

/// An upload that stalls once 5 MB are sent. The status, and whether it came before the whole body was sent.
async fn upload(gateway: &Gateway, size: usize, stall: Duration) -> Result<String, Fault> {
    let (begin, end) = form(size);
    let mut socket = TcpStream::connect(gateway.address).await?;
    let head = format!(
        "POST /api/v1/documents HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: multipart/form-data; boundary=edge\r\n\
         content-length: {}\r\n\r\n",
        gateway.address,
        begin.len() + end.len()
    );
    let (mut receive, mut send) = socket.split();
    let sent_all = AtomicBool::new(false);
    let sending = async {
        send.write_all(head.as_bytes()).await?;
        let first = begin.len().min(5 * MB);
        send.write_all(&begin[..first]).await?;
        sleep(stall).await;
        send.write_all(&begin[first..]).await?;
        send.write_all(&end).await?;
        sent_all.store(true, Ordering::Relaxed);
        std::future::pending::<std::io::Result<()>>().await
    };
    let mut answer = [0; 12];
    let answered = async {
        receive.read_exact(&mut answer).await?;
        std::io::Result::Ok(())
    };
    tokio::select! {
        biased;
        answered = answered => answered?,
        // What was refused may be cut off while it is still being sent; the answer is there all the same.
        Err(_) = sending => { receive.read_exact(&mut answer).await?; }
    }
    let status = String::from_utf8_lossy(&answer[9..]).into_owned();
    let when = match sent_all.load(Ordering::Relaxed) {
        _ if status == "202" => "",
        true => " after the whole body",
        false => " before the whole body",
    };
    Ok(format!("{status}{when}"))
}

/// A form with a file of about this size, in two parts: all but its end, and its end.
fn form(size: usize) -> (Vec<u8>, Vec<u8>) {
    let mut begin =
        b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4\n".to_vec();
    begin.resize(begin.len() + size.max(8192), b' ');
    (begin, b"\r\n--edge--\r\n".to_vec())
}

/// Followers of one document.
async fn event_streams(gateway: Arc<Gateway>) -> Answers {
    let Some(events) = newest(&gateway).await else {
        return [("no document to follow".to_owned(), 1)].into();
    };
    let mut streams = JoinSet::new();
    for _ in 0..STREAMS {
        let url = format!("{}{events}", gateway.base);
        streams.spawn(async move {
            let answer = reqwest::get(&url).await;
            let status = answer
                .as_ref()
                .map_or("cut off".to_owned(), |answer| answer.status().as_u16().to_string());
            sleep(WHILE).await;
            drop(answer);
            status
        });
    }
    counted(streams).await
}

async fn newest(gateway: &Gateway) -> Option<String> {
    let list = reqwest::get(format!("{}/api/v1/documents?limit=1", gateway.base))
        .await
        .ok()?;
    let list: Value = list.json().await.ok()?;
    Some(list["documents"][0]["links"]["events"].as_str()?.to_owned())
}

async fn counted(mut all: JoinSet<String>) -> Answers {
    let mut answers = Answers::new();
    while let Some(told) = all.join_next().await {
        *answers
            .entry(told.unwrap_or_else(|fault| fault.to_string()))
            .or_default() += 1;
    }
    answers
}
