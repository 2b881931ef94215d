//! How a normal run ends, and what it leaves behind.

use crate::support::{Fleet, gone};
use broker::NewTask;
use fleet_tests::trial::Step;
use queue_schema::{Outcome, Queue, State};
use serde_json::json;

#[tokio::test]
async fn a_success_is_committed_once_with_what_it_took() {
    let fleet = Fleet::new(&[]).await;
    let _worker = fleet.worker().await;
    let task = fleet.enqueue([Step::Leak { mib: 32 }]).await;
    fleet.done_once(task).await;
    let attempts = fleet.attempts(task).await;
    assert_eq!(attempts.len(), 1);
    assert!(attempts[0].peak_kib.is_some_and(|kib| kib > 32 * 1024), "{attempts:?}");
}

#[tokio::test]
async fn passing_trouble_is_tried_again_and_permanent_trouble_is_not() {
    let fleet = Fleet::new(&[]).await;
    let _worker = fleet.worker().await;
    let fail = |transient| Step::Fail {
        transient,
        message: "as asked for".into(),
    };
    let permanent = fleet.enqueue([fail(false)]).await;
    fleet.reaches(permanent, State::Dead).await;
    assert_eq!(fleet.outcomes(permanent).await, [Outcome::Refused]);
    assert_eq!(fleet.attempts(permanent).await[0].message(), "as asked for");

    let transient = fleet.enqueue([fail(true)]).await;
    assert_eq!(fleet.first_end(transient).await.outcome, Some(Outcome::Failed));
    fleet.reaches(transient, State::Dead).await;
    let budget = fleet.broker.policy(Queue::Maintenance).max_attempts as usize;
    assert_eq!(fleet.outcomes(transient).await, vec![Outcome::Failed; budget]);
    assert_eq!(fleet.effects(transient).await + fleet.effects(permanent).await, 0);
}

#[tokio::test]
async fn what_cannot_be_read_is_dead_at_once() {
    let fleet = Fleet::new(&[]).await;
    let _worker = fleet.worker().await;
    for (kind, payload) in [("trial", json!({"steps": 7})), ("untold", json!({}))] {
        let task = fleet.put(NewTask::of_kind(Queue::Maintenance, kind, payload)).await;
        fleet.reaches(task, State::Dead).await;
        assert_eq!(fleet.outcomes(task).await, [Outcome::Refused], "{kind}");
    }
}

#[tokio::test]
async fn a_run_leaves_no_files_and_no_processes() {
    let fleet = Fleet::new(&[]).await;
    let mut worker = fleet.worker().await;
    let orphan = |own_session| Step::Orphan {
        file: fleet.sign("orphans"),
        own_session,
    };
    let signed = Step::SignIn(fleet.sign("in"));
    let first = fleet
        .enqueue([orphan(false), orphan(true), Step::Litter, signed.clone()])
        .await;
    fleet.done_once(first).await;
    let second = fleet.enqueue([Step::Litter, signed, Step::Abort]).await;
    fleet.first_end(second).await;

    let told = std::fs::read_to_string(fleet.sign("in")).expect("both signed in");
    let folders: Vec<_> = told.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    assert!(folders.len() == 2 && folders[0] != folders[1], "{told}");
    fleet_tests::wait_until("both folders to be gone", async || {
        !folders.iter().any(|folder| std::path::Path::new(folder).exists())
    })
    .await;
    gone(&fleet.pids("orphans", 2).await).await;

    worker.signal(rustix::process::Signal::TERM);
    assert!(worker.ended().await);
    let left = std::fs::read_dir(fleet.scratch()).expect("the folder").count();
    assert_eq!(left, 0, "the worker's own folder is gone with it");
}

#[tokio::test]
async fn a_child_does_not_learn_where_the_servers_are() {
    let fleet = Fleet::new(&[("OCR_LANGUAGES", "frk")]).await;
    let _worker = fleet.worker().await;
    let task = fleet
        .enqueue([Step::ReadStdin, Step::TellEnvironment(fleet.sign("env"))])
        .await;
    fleet.done_once(task).await;
    let environment = std::fs::read_to_string(fleet.sign("env")).expect("written");
    for secret in ["DATABASE_URL", "BROKER_URL", "STORAGE_URL", "postgres://", "redis"] {
        assert!(!environment.contains(secret), "{secret} in\n{environment}");
    }
    assert!(
        environment.contains("OCR_LANGUAGES=frk"),
        "settings of its work reach it:\n{environment}"
    );
}

#[tokio::test]
async fn floods_of_output_and_progress_are_survived() {
    let fleet = Fleet::new(&[("LEASE_SECONDS", "2")]).await;
    let _worker = fleet.worker().await;
    let task = fleet
        .enqueue([
            Step::FloodStderr { bytes: 8 << 20 },
            Step::FloodProgress { frames: 20_000 },
        ])
        .await;
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
}
