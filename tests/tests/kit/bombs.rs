//! Processes and threads without end.

use crate::sandbox::{attempt, each, users};
use crate::support::{Fleet, runs};
use fleet_tests::trial::{Forbidden, Step};
use fleet_tests::{follow, wait_until};
use queue_schema::{Outcome, State};
use std::fs;
use std::path::Path;
use uuid::Uuid;

#[tokio::test]
async fn threads_have_an_end() {
    each(async |fleet, _| {
        let told = attempt(fleet, Forbidden::ThreadsWithoutEnd).await;
        assert!(told.starts_with("refused") && told.contains("os error 11"), "{told}");
    })
    .await;
}

/// Processes with this name in their command line.
fn named(name: &Path) -> Vec<i32> {
    let name = name.to_string_lossy();
    let all = fs::read_dir("/proc").expect("/proc").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).split('\0').any(|word| word == name)
    })
    .collect()
}

/// Waits until the bomb's task has ended for good and its processes are gone.
async fn put_out(fleet: &Fleet, task: Uuid, bomb: &Path) {
    follow("the bomb's task to end for good", async || {
        fleet.schedule().await;
        match fleet.state(task).await {
            State::Done | State::Dead => Ok(()),
            state => Err((state, fleet.outcomes(task).await)),
        }
    })
    .await;
    wait_until("the bomb to be out", async || {
        named(bomb).into_iter().all(|pid| !runs(pid))
    })
    .await;
    // If it were still alive, it would have spread again by now.
    fleet.done_once(fleet.enqueue([]).await).await;
    assert!(named(bomb).into_iter().all(|pid| !runs(pid)));
}

#[tokio::test]
async fn a_fork_bomb_is_put_out_and_its_neighbour_notices_nothing() {
    for user in users() {
        let fleet = Fleet::new(&[("WORKER_SLOTS", "2")]).await;
        let _worker = fleet.worker_by(user).await;
        let neighbour = fleet
            .enqueue([
                Step::SignIn(fleet.sign("in")),
                Step::AwaitFileReporting(fleet.sign("go")),
            ])
            .await;
        fleet.pids("in", 1).await;
        let name = fleet.sign("bomb");
        let bomb = Step::ForkBomb {
            name: name.clone(),
            in_background: false,
        };
        let task = fleet.enqueue([bomb]).await;
        let end = fleet.first_end(task).await;
        assert_eq!(end.outcome, Some(Outcome::Crashed), "{end:?}");
        assert!(end.message().contains("processes"), "{end:?}");
        put_out(&fleet, task, &name).await;

        fleet.give("go");
        fleet.done_once(neighbour).await;
        assert_eq!(fleet.outcomes(neighbour).await, [Outcome::Done]);
    }
}

#[tokio::test]
async fn a_fork_bomb_that_a_task_leaves_behind_is_put_out() {
    each(async |fleet, _| {
        let name = fleet.sign("bomb");
        let bomb = Step::ForkBomb {
            name: name.clone(),
            in_background: true,
        };
        let task = fleet.enqueue([bomb]).await;
        put_out(fleet, task, &name).await;
    })
    .await;
}
