//! Without a mouse, on any screen: everything can be reached, is named, and can be read.

use crate::support::Server;
use fleet_tests::{Browser, Scheme};
use queue_schema::{Outcome, Queue};
use serde_json::Value;
use thirtyfour::{By, Key};

/// A fleet with something on every page, and the pages.
async fn furnished() -> (Server, Vec<String>) {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Ocr, Queue::Processing]).await;
    let slots = serde_json::json!([{"pid": 7, "task": null, "rss_kib": 90_000, "tasks_done": 3, "age_s": 60}]);
    let recycles = serde_json::json!({"memory": 2});
    server.broker().heartbeat(worker, &slots, &recycles).await.unwrap();
    let document = server
        .document("a-document-with-quite-a-long-name-that-says-little-2026-05-01.pdf")
        .await;
    let claimed = server.claim(worker, Queue::Ocr).await;
    server.fail(&claimed, Outcome::Failed, "the storage was away").await;
    server.dead("bad").await;
    server.post("/api/v1/queues/extract/pause").await;
    let mut pages: Vec<String> = [
        "/",
        "/wall",
        "/tasks",
        "/dead",
        "/workers",
        "/schedules",
        "/audit",
        "/documents",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.extend([
        "/queues/ocr?state=scheduled".into(),
        format!("/tasks/{}", claimed.id),
        format!("/documents/{document}"),
    ]);
    (server, pages)
}

/// What axe calls color-contrast, label, link-name, button-name, heading order and scrollable-region-focusable.
const FAULTS: &str = r#"(() => {
  const faults = [];
  const parse = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return text.startsWith("color(srgb") ? [...parts.slice(0, 3).map((v) => v * 255), parts[3] ?? 1] : [...parts, 1].slice(0, 4);
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const shown = (e) => e.checkVisibility() && !e.closest(".hidden, .skip");
  for (const e of document.querySelectorAll("body *")) {
    if (!shown(e) || e.closest("svg")) continue;
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!text) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${e.outerHTML.slice(0, 120)}`);
  }
  for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select, meter, progress, [role=region], nav, table")) {
    const name = e.getAttribute("aria-label") || e.textContent.trim() || e.title || (e.labels && e.labels.length);
    if (!name) faults.push(`no name: ${e.outerHTML.slice(0, 120)}`);
  }
  for (const e of document.querySelectorAll("svg")) if (!e.getAttribute("aria-label")) faults.push("svg without a name");
  for (const e of document.querySelectorAll("th")) if (!e.textContent.trim() && e.closest("thead") && !e.closest(".small")) faults.push("a column without a name");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) if (ids.filter((other) => other === id).length > 1) faults.push(`id ${id} twice`);
  for (const e of document.querySelectorAll("[aria-labelledby]")) if (!document.getElementById(e.getAttribute("aria-labelledby"))) faults.push("labelled by nothing");
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the screen by ${document.documentElement.scrollWidth - innerWidth} px`);
  return [...new Set(faults)];
})()"#;

#[tokio::test]
async fn every_page_can_be_read_and_has_names_for_everything() {
    let (server, pages) = furnished().await;
    let browser = Browser::start().await;
    let mut found = Vec::new();
    for (width, scheme) in [
        (1440, Scheme::Light),
        (1440, Scheme::Dark),
        (390, Scheme::Light),
        (390, Scheme::Dark),
    ] {
        browser.look(width, 900, scheme).await;
        for page in &pages {
            browser.go(&server.url(page)).await;
            if let Value::Array(faults) = browser.eval(FAULTS).await {
                found.extend(
                    faults
                        .iter()
                        .map(|fault| format!("{page} at {width}, {scheme:?}: {fault}")),
                );
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn a_queue_is_paused_by_keys_alone() {
    let (server, _) = furnished().await;
    let browser = Browser::start().await;
    browser.go(&server.url("/queues/ocr")).await;
    let press = async |key: Key| {
        let at = browser.driver.active_element().await.unwrap();
        at.send_keys(key + "").await.unwrap();
    };
    press(Key::Tab).await;
    assert_eq!(
        browser.eval("document.activeElement.textContent").await,
        "Skip to the content"
    );
    press(Key::Enter).await;
    press(Key::Tab).await;
    assert_eq!(browser.eval("document.activeElement.textContent").await, "Pause");
    press(Key::Enter).await;
    browser.says("Paused by an operator").await;
    let visible = browser.driver.find(By::Css("[aria-current]")).await;
    assert!(visible.is_ok(), "the page says where one is");
}
