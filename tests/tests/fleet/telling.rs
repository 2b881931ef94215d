//! Observability of a fleet: one trace through all logs, and metrics with descriptions and conventional names.

use crate::support::Fleet;
use fleet_tests::wait_for;
use queue_schema::TraceId;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use telemetry::Metric;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SETTINGS: &[(&str, &str)] = &[
    ("LOG", "info,broker=debug,kit=debug"),
    ("LOG_FORMAT", "json"),
    ("METRICS_BIND", "127.0.0.1:0"),
];

async fn upload(fleet: &Fleet, traceparent: &str) -> Value {
    let file = samples::documents_dir().join("invoice-en.pdf");
    let form = Form::new().part("file", Part::file(file).await.unwrap());
    let gateway = fleet.record()["gateway"].as_str().unwrap().to_owned();
    let request = reqwest::Client::new()
        .post(format!("{gateway}/api/v1/documents"))
        .header("traceparent", traceparent)
        .multipart(form);
    request.send().await.unwrap().json().await.unwrap()
}

async fn text(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn one_trace_leads_from_the_upload_to_its_last_task() {
    let fleet = Fleet::up(SETTINGS).await;
    let document = upload(&fleet, &format!("00-{TRACE}-00f067aa0ba902b7-01")).await;
    assert_eq!(document["trace_id"], TRACE);
    let id = document["id"].as_str().unwrap();
    assert_eq!(fleet.ended(id).await["trace_id"], TRACE);

    let tasks = fleet.answer(&["tasks", "--document", id]).unwrap();
    let tasks = tasks.as_array().unwrap();
    assert!(tasks.len() >= 5, "{tasks:#?}");
    assert!(tasks.iter().all(|task| task["trace_id"] == TRACE), "{tasks:#?}");
    let dashboard = fleet.record()["dashboard"].as_str().unwrap().to_owned();
    let page = text(&format!("{dashboard}/tasks/{}", tasks[0]["id"].as_str().unwrap())).await;
    assert!(page.contains(TRACE), "the dashboard's page of a task names its trace");

    // The last line is logged after the commit that ends the document.
    let ended = |line: &Value, kind: &str| line["message"] == "task ended" && line["span"]["kind"] == kind;
    let lines = wait_for("the last task's last line", async || {
        let lines = fleet.log_lines();
        lines
            .iter()
            .any(|line| ended(line, "finalize_document"))
            .then_some(lines)
    })
    .await;
    let ours: Vec<&Value> = lines.iter().filter(|line| line.to_string().contains(TRACE)).collect();
    assert!(
        ours.iter().any(|line| line["message"] == "document accepted"),
        "{ours:#?}"
    );
    assert!(ours.iter().any(|line| line["message"] == "run ended"), "{ours:#?}");
    for kind in [
        "open_document",
        "read_pages",
        "categorize_document",
        "extract_fields",
        "finalize_document",
    ] {
        assert!(ours.iter().any(|line| ended(line, kind)), "no {kind} in {ours:#?}");
    }
    let untraced: Vec<&Value> = lines
        .iter()
        .filter(|line| line.to_string().contains(id) && !line.to_string().contains(TRACE))
        .collect();
    assert!(
        untraced.is_empty(),
        "of the document, and without its trace: {untraced:#?}"
    );

    let other = upload(&fleet, "nonsense").await;
    let trace = other["trace_id"].as_str().unwrap();
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    assert!(TraceId::of_traceparent(&parent).is_some(), "{other}");
    fleet.stop().await;
}

#[tokio::test]
async fn every_metric_is_shown_described_and_well_named() {
    let fleet = Fleet::up(SETTINGS).await;
    let document = upload(&fleet, "none").await;
    let done = fleet.ended(document["id"].as_str().unwrap()).await;
    assert_eq!(done["status"], "done");

    let tables = [
        broker::METRICS,
        kit::METRICS,
        web::METRICS,
        api_gateway::METRICS,
        scheduler::METRICS,
    ];
    let metrics: Vec<&dyn Metric> = tables.into_iter().flatten().copied().collect();
    for metric in &metrics {
        assert!(metric.is_well_named(), "{}", metric.name());
    }
    // Histograms and metrics with labels only appear after their first event.
    let shown = wait_for("all metrics to be shown", async || {
        let shown = expositions(&fleet).await;
        let all = metrics
            .iter()
            .all(|metric| shown.contains(&format!("# HELP {} ", metric.name())));
        all.then_some(shown)
    })
    .await;
    let samples = shown.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in samples {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        let of_histogram = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        let is_known = |name: &str| metrics.iter().any(|metric| metric.name() == name);
        let of_queues = name.starts_with("docfleet_queue_");
        assert!(
            of_queues || is_known(name) || of_histogram.is_some_and(is_known),
            "in no table: {line}"
        );
        assert!(
            !line.contains(document["id"].as_str().unwrap()),
            "an id as a label: {line}"
        );
    }
    for (name, help) in metrics.iter().map(|metric| (metric.name(), metric.help())) {
        assert!(shown.contains(&format!("# HELP {name} {help}")), "{name}");
    }
    fleet.stop().await;
}

/// The metrics of all processes, one after the other.
async fn expositions(fleet: &Fleet) -> String {
    let mut all = String::new();
    for line in fleet.log_lines() {
        let message = line["message"].as_str().unwrap_or_default();
        if let Some(url) = message.strip_prefix("metrics at ") {
            all.push_str(&text(url).await);
        }
    }
    all
}
