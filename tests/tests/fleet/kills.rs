//! After kill -9 of any one process during work, the document is still done, without help.

use crate::support::Fleet;
use fleet_tests::wait_for;
use queue_schema::{WORKERS, Worker};
use rustix::process::Signal;
use std::net::TcpListener;

/// A page that needs OCR, which takes long enough to kill processes meanwhile.
fn scan() -> std::path::PathBuf {
    samples::documents_dir().join("contract-scan-en.jpg")
}

#[tokio::test]
async fn a_document_survives_the_kill_of_any_process() {
    let fleet = Fleet::up(&[]).await;
    let workers = WORKERS.iter().filter(|worker| !worker.needs_torch).map(Worker::binary);
    let others = [
        "worker-ocr child",
        "scheduler",
        "api-gateway",
        "redis-server",
        "postgres",
    ];
    for victim in workers.chain(others.map(str::to_owned)) {
        let victim = victim.as_str();
        let document = fleet.submit(&scan());
        fleet.running(&document).await;
        let pid = wait_for(victim, async || fleet.pid_of(victim)).await;
        Fleet::kill(pid, Signal::KILL);
        let ended = fleet.ended(&document).await;
        assert_eq!(ended["status"], "done", "after the death of {victim}: {ended:#}");
    }
    let document = fleet.submit(&scan());
    fleet.running(&document).await;
    Fleet::kill(
        fleet.pid_of_inner().expect("the process that keeps the fleet"),
        Signal::KILL,
    );
    let ended = fleet.ended(&document).await;
    assert_eq!(
        ended["status"], "done",
        "after the death of the fleet's keeper: {ended:#}"
    );
    fleet.stop().await;
}

/// A fleet that has started once is restarted until it succeeds: here, until its port is free.
#[tokio::test]
async fn a_fleet_that_cannot_start_again_is_tried_again() {
    let place = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let fleet = Fleet::up(&[("BIND", &address.to_string())]).await;
    let document = fleet.submit(&scan());
    Fleet::kill(
        fleet.pid_of_inner().expect("the process that keeps the fleet"),
        Signal::KILL,
    );
    let taken = wait_for("its port", async || TcpListener::bind(address).ok()).await;
    wait_for("a start that failed", async || {
        fleet.said("the fleet could not start").then_some(())
    })
    .await;
    drop(taken);
    assert_eq!(fleet.ended(&document).await["status"], "done");
    fleet.stop().await;
}
