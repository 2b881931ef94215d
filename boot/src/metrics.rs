//! Records the process's metrics and exposes them to Prometheus as text.
//!
//! If `METRICS_BIND` is set, the process answers `GET /metrics` there. That listener serves nothing else and asks for no key.
//! Processes with an HTTP server of their own render the [`PrometheusHandle`] there, too.

pub use metrics_exporter_prometheus::PrometheusHandle;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};
use settings::{METRICS_BIND, Settings};
use std::io;
use std::time::Duration;
use telemetry::Metric;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Bucket bounds of histograms in seconds: a claim takes a millisecond, a training hours.
const SECONDS: &[f64] = &[
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 36000.0,
];
/// Bucket bounds of histograms in bytes: child processes use between some MiB and some GiB.
const BYTES: &[f64] = &[
    16777216.0,
    33554432.0,
    67108864.0,
    134217728.0,
    268435456.0,
    536870912.0,
    1073741824.0,
    2147483648.0,
    4294967296.0,
    17179869184.0,
];
/// How often histogram samples are folded into their buckets, so that they do not pile up when nothing scrapes them.
const UPKEEP: Duration = Duration::from_secs(5);
/// Longest request head that is read, in bytes. Prometheus sends a few hundred.
const LONGEST_REQUEST: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts recording the process's metrics, which are `all`, and serves them on `METRICS_BIND` if that is set.
///
/// # Errors
/// If metrics are already being recorded, or the address cannot be bound.
pub async fn install(settings: &Settings, all: &[&[&dyn Metric]]) -> io::Result<PrometheusHandle> {
    let handle = record().map_err(io::Error::other)?;
    all.iter().copied().flatten().for_each(|metric| metric.describe());
    if let Some(address) = settings.get(METRICS_BIND) {
        let listener = TcpListener::bind(address).await.map_err(|e| {
            io::Error::new(
                e.kind(),
                format!("setting METRICS_BIND={address}: cannot listen there: {e}"),
            )
        })?;
        tracing::info!("metrics at http://{}/metrics", listener.local_addr()?);
        tokio::spawn(serve(listener, handle.clone()));
    }
    Ok(handle)
}

fn record() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets(SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_bytes".into()), BYTES)?
        .install_recorder()?;
    let kept = handle.clone();
    tokio::spawn(async move {
        let mut beat = tokio::time::interval(UPKEEP);
        loop {
            beat.tick().await;
            kept.run_upkeep();
        }
    });
    Ok(handle)
}

/// Answers one connection at a time, which is enough for Prometheus as the only client.
async fn serve(listener: TcpListener, handle: PrometheusHandle) {
    loop {
        let answered = match listener.accept().await {
            Ok((stream, _)) => tokio::time::timeout(PATIENCE, answer(stream, &handle)).await,
            Err(error) => {
                // Most likely out of file descriptors. Accepting again at once would be a busy loop.
                tracing::warn!(%error, "no connection for metrics");
                tokio::time::sleep(PATIENCE).await;
                continue;
            }
        };
        if let Ok(Err(error)) = answered {
            tracing::debug!(%error, "a request for metrics was not answered");
        }
    }
}

async fn answer(mut stream: TcpStream, handle: &PrometheusHandle) -> io::Result<()> {
    let request = read_head(&mut stream).await?;
    let (status, body) = if request.starts_with(b"GET /metrics ") {
        ("200 OK", handle.render())
    } else {
        ("404 Not Found", "only GET /metrics is answered here\n".to_owned())
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// The request up to its empty line.
async fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > LONGEST_REQUEST {
            return Err(io::Error::other("the request is too long"));
        }
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(address: std::net::SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn metrics_are_shown_and_nothing_else() {
        let handle = record().unwrap();
        metrics::counter!("docfleet_test_total").increment(3);
        metrics::histogram!("docfleet_test_seconds").record(0.2);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, handle));

        let shown = ask(address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(
            shown.starts_with("HTTP/1.1 200 OK") && shown.contains("docfleet_test_total 3"),
            "{shown}"
        );
        assert!(shown.contains("docfleet_test_seconds_bucket{le=\"0.25\"} 1"), "{shown}");
        let other = ask(address, "GET / HTTP/1.1\r\n\r\n").await;
        assert!(other.starts_with("HTTP/1.1 404"), "{other}");
    }
}
