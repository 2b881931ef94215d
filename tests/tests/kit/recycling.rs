//! Child processes are replaced after a number of tasks, and no task has to wait for it.

use crate::support::{Fleet, gone, runs};
use broker::NewTask;
use fleet_tests::trial::{Step, Trial};
use fleet_tests::wait_until;
use queue_schema::{Outcome, State};
use serde_json::json;

#[tokio::test]
async fn after_its_tasks_a_process_gives_way_to_a_warm_one() {
    let fleet = Fleet::new(&[("WORKER_MAX_TASKS_PER_CHILD", "3")]).await;
    let worker = fleet.worker().await;
    let signed = Step::SignIn(fleet.sign("in"));
    let mut tasks = Vec::new();
    for _ in 0..3 {
        let task = fleet.enqueue([signed.clone()]).await;
        fleet.done_once(task).await;
        tasks.push(task);
    }
    let first = fleet.pids("in", 3).await;
    assert!(first.iter().all(|pid| *pid == first[0]), "{first:?}");
    gone(&first).await;
    fleet.recycles(&worker, &json!({"tasks": 1})).await;

    let task = fleet.enqueue([signed]).await;
    fleet.done_once(task).await;
    let all = fleet.pids("in", 4).await;
    assert_ne!(all[3], first[0]);
    tasks.push(task);
    for task in tasks {
        assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
    }
}

#[tokio::test]
async fn a_process_that_has_grown_gives_way() {
    let fleet = Fleet::new(&[("WORKER_MAX_MEMORY_PER_CHILD", "100000")]).await;
    let worker = fleet.worker().await;
    let signed = Step::SignIn(fleet.sign("in"));
    let grown = fleet.enqueue([signed.clone(), Step::Leak { mib: 128 }]).await;
    fleet.done_once(grown).await;
    let pids = fleet.pids("in", 1).await;
    gone(&pids).await;
    let next = fleet.enqueue([signed]).await;
    fleet.done_once(next).await;
    assert_ne!(fleet.pids("in", 2).await[1], pids[0]);
    fleet.recycles(&worker, &json!({"memory": 1})).await;
}

/// Every process is replaced after each task. Every task is done, and a neighbouring task keeps its process to the end.
#[tokio::test]
async fn replacing_a_child_does_not_delay_tasks() {
    const TASKS: usize = 12;
    let fleet = Fleet::new(&[("WORKER_MAX_TASKS_PER_CHILD", "1"), ("WORKER_SLOTS", "2")]).await;
    let worker = fleet.worker().await;
    let neighbour = fleet
        .enqueue([Step::SignIn(fleet.sign("neighbour")), Step::AwaitFile(fleet.sign("go"))])
        .await;
    let theirs = fleet.pids("neighbour", 1).await[0];
    let mut tasks = Vec::new();
    for _ in 0..TASKS {
        tasks.push(fleet.enqueue([Step::SignIn(fleet.sign("in"))]).await);
    }
    for task in &tasks {
        fleet.done_once(*task).await;
        assert_eq!(fleet.outcomes(*task).await, [Outcome::Done]);
    }
    assert!(runs(theirs));
    let pids = fleet.pids("in", TASKS).await;
    assert!(!pids.contains(&theirs));

    fleet.give("go");
    fleet.done_once(neighbour).await;
    gone(&pids).await;
    gone(&[theirs]).await;
    wait_until("as many children as slots, and all replacements counted", async || {
        let rows = fleet.workers().await;
        let row = rows.iter().find(|row| row.id == worker.id).expect("its row");
        // A process whose successor is not warm yet may run another task, so fewer replacements than tasks are enough.
        row.slots.len() == 2 && row.recycles.get("tasks").is_some_and(|n| *n >= 2)
    })
    .await;
}

/// Whatever a document did to the process that opened it must not affect another project's document.
#[tokio::test]
async fn a_process_serves_one_project() {
    let fleet = Fleet::new(&[]).await;
    let worker = fleet.worker().await;
    let trial = |project: &str| {
        let signed = Step::SignIn(fleet.sign("in"));
        NewTask::new(&Trial::of([signed])).expect("a task").in_flow(project)
    };
    for project in ["one", "one", "other", "other", "one"] {
        let task = fleet.put(trial(project)).await;
        fleet.done_once(task).await;
        assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
    }
    let pids = fleet.pids("in", 5).await;
    assert!(pids[0] == pids[1] && pids[2] == pids[3], "{pids:?}");
    assert!(
        pids[1] != pids[2] && pids[3] != pids[4] && pids[0] != pids[4],
        "{pids:?}"
    );
    gone(&pids[..4]).await;
    fleet.recycles(&worker, &json!({"project": 2})).await;
}

/// Two slots, and projects that alternate: each keeps its process, and neither waits for a new one.
#[tokio::test]
async fn projects_that_take_turns_keep_their_processes_where_there_are_enough() {
    let fleet = Fleet::new(&[("WORKER_SLOTS", "2")]).await;
    let worker = fleet.worker().await;
    wait_until("both processes to be warm", async || {
        let rows = fleet.workers().await;
        rows.iter().any(|row| row.id == worker.id && row.slots.len() == 2)
    })
    .await;
    for project in ["one", "other", "one", "other"] {
        let signed = Step::SignIn(fleet.sign(project));
        let trial = NewTask::new(&Trial::of([signed])).expect("a task").in_flow(project);
        let task = fleet.put(trial).await;
        fleet.done_once(task).await;
    }
    for project in ["one", "other"] {
        let pids = fleet.pids(project, 2).await;
        assert_eq!(pids[0], pids[1], "{project}");
    }
    // A third project replaces one of the two processes, not both.
    let task = NewTask::new(&Trial::of([])).expect("a task").in_flow("third");
    fleet.done_once(fleet.put(task).await).await;
    fleet.recycles(&worker, &json!({"project": 1})).await;
}

/// Otherwise it would replace its children for ever.
#[tokio::test]
async fn a_worker_whose_children_are_born_too_large_ends_and_says_so() {
    let fleet = Fleet::new(&[("WORKER_MAX_MEMORY_PER_CHILD", "100")]).await;
    let task = fleet.enqueue([]).await;
    let mut worker = fleet.start(&[], &[]);
    assert!(!worker.ended().await);
    assert!(fleet.attempts(task).await.is_empty(), "it took none from those who can");
    let log = worker.log();
    assert!(
        log.contains("setting WORKER_MAX_MEMORY_PER_CHILD: a child takes"),
        "{log}"
    );
}

/// An incomplete image, or a machine without room for another process: this is not the task's fault, and another worker may run
/// it.
#[tokio::test]
async fn a_worker_that_cannot_start_processes_any_more_gives_back_what_it_runs() {
    let fleet = Fleet::new(&[("WORKER_SLOTS", "2")]).await;
    let mut worker = fleet.worker().await;
    let task = fleet
        .enqueue([Step::SignIn(fleet.sign("in")), Step::AwaitFile(fleet.sign("go"))])
        .await;
    fleet.pids("in", 1).await;
    std::fs::remove_file(fleet.program("worker-test")).expect("the program");
    fleet.enqueue([Step::Segfault]).await;
    assert!(!worker.ended().await);
    // Its own claimer may have claimed the task once more, and handed it back as well.
    let outcomes = fleet.outcomes(task).await;
    assert!(
        !outcomes.is_empty() && outcomes.iter().all(|outcome| *outcome == Outcome::HandedBack),
        "{outcomes:?}"
    );
    assert_eq!(fleet.state(task).await, State::Ready);

    fleet.give("go");
    let _another = fleet.worker().await;
    fleet.done_once(task).await;
}
