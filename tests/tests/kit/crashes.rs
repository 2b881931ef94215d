//! Child processes that crash, or send garbage to the supervisor.

use crate::support::{Attempt, Fleet, gone, send};
use fleet_tests::trial::Step;
use queue_schema::{Outcome, State};
use rustix::process::Signal;
use serde_json::json;
use std::collections::HashSet;

async fn crash_of(steps: Vec<Step>) -> Attempt {
    let fleet = Fleet::new(&[]).await;
    let _worker = fleet.worker().await;
    let task = fleet.enqueue(steps).await;
    let end = fleet.first_end(task).await;
    assert_eq!(end.outcome, Some(Outcome::Crashed), "{end:?}");
    end
}

#[tokio::test]
async fn the_third_crash_is_the_last_and_all_are_told() {
    let fleet = Fleet::new(&[]).await;
    let worker = fleet.worker().await;
    let task = fleet
        .enqueue([
            Step::SignIn(fleet.sign("in")),
            Step::Say("here be dragons".into()),
            Step::Abort,
        ])
        .await;
    fleet.reaches(task, State::Dead).await;
    let attempts = fleet.attempts(task).await;
    assert_eq!(attempts.iter().map(|a| a.number).collect::<Vec<_>>(), [1, 2, 3]);
    for attempt in &attempts {
        assert_eq!(attempt.outcome, Some(Outcome::Crashed));
        assert!(attempt.message().contains("signal 6"), "{attempt:?}");
        assert!(attempt.message().contains("here be dragons"), "{attempt:?}");
    }
    let pids: HashSet<i32> = fleet.pids("in", 3).await.into_iter().collect();
    assert_eq!(pids.len(), 3, "each run had a process of its own");

    let next = fleet.enqueue([]).await;
    fleet.done_once(next).await;
    fleet.recycles(&worker, &json!({"crash": 3})).await;
}

#[tokio::test]
async fn a_segmentation_fault_is_told() {
    let end = crash_of(vec![Step::Segfault]).await;
    assert!(end.message().contains("signal 11"), "{end:?}");
}

#[tokio::test]
async fn a_panic_is_told_with_its_words() {
    let end = crash_of(vec![Step::Panic]).await;
    assert!(end.message().contains("this step panics"), "{end:?}");
}

#[tokio::test]
async fn the_last_words_after_a_flood_are_still_the_last() {
    let flood = Step::FloodStderr { bytes: 1 << 20 };
    let end = crash_of(vec![flood, Step::Say("the very last".into()), Step::Abort]).await;
    assert!(end.message().contains("the very last"), "{end:?}");
}

#[tokio::test]
async fn half_a_frame_is_a_crash() {
    crash_of(vec![Step::Babble(vec![200, 0, 0, 0, b'{']), Step::Abort]).await;
}

#[tokio::test]
async fn nonsense_ends_a_process_that_would_go_on() {
    let wait = Step::AwaitFile("/never".into());
    let end = crash_of(vec![Step::Babble(b"Warning: no frame at all".to_vec()), wait]).await;
    assert!(end.message().contains("frame"), "{end:?}");
}

/// Otherwise its supervisor would have to keep all of it in memory.
#[tokio::test]
async fn a_process_that_says_more_than_it_may_is_ended_and_told_the_limit() {
    let claim = ((16 << 20) + 1u32).to_le_bytes();
    let wait = Step::AwaitFile("/never".into());
    let end = crash_of(vec![Step::Babble(claim.to_vec()), wait]).await;
    assert!(
        end.message().contains("a frame of 16777217 bytes, the limit is 16 MiB"),
        "{end:?}"
    );
}

#[tokio::test]
async fn a_result_that_is_too_long_fails_for_good_and_its_process_goes_on() {
    let fleet = Fleet::new(&[]).await;
    let _worker = fleet.worker().await;
    let signed = Step::SignIn(fleet.sign("in"));
    let task = fleet.enqueue([signed.clone(), Step::Answer { bytes: 16 << 20 }]).await;
    fleet.reaches(task, State::Dead).await;
    let ends = fleet.attempts(task).await;
    assert_eq!(ends.len(), 1, "{ends:?}");
    assert_eq!(ends[0].outcome, Some(Outcome::Refused));
    assert!(ends[0].message().contains("the limit is 16 MiB"), "{ends:?}");

    let next = fleet.enqueue([signed, Step::Answer { bytes: 8 << 20 }]).await;
    fleet.done_once(next).await;
    let pids = fleet.pids("in", 2).await;
    assert_eq!(pids[0], pids[1]);
}

#[tokio::test]
async fn what_a_crashed_process_started_goes_with_it() {
    let fleet = Fleet::new(&[]).await;
    let _worker = fleet.worker().await;
    let orphan = |own_session| Step::Orphan {
        file: fleet.sign("orphans"),
        own_session,
    };
    let task = fleet.enqueue([orphan(false), orphan(true), Step::Segfault]).await;
    fleet.first_end(task).await;
    gone(&fleet.pids("orphans", 2).await).await;
}

#[tokio::test]
async fn an_idle_process_that_dies_is_no_tasks_fault() {
    let fleet = Fleet::new(&[]).await;
    let worker = fleet.worker().await;
    let signed = Step::SignIn(fleet.sign("in"));
    let first = fleet.enqueue([signed.clone()]).await;
    fleet.done_once(first).await;
    let idle = fleet.pids("in", 1).await[0];
    send(idle, Signal::KILL);
    gone(&[idle]).await;

    let second = fleet.enqueue([signed]).await;
    fleet.done_once(second).await;
    assert_eq!(fleet.outcomes(second).await, [Outcome::Done]);
    fleet.recycles(&worker, &json!({"crash": 1})).await;
}
