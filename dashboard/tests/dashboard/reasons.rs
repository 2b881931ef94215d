//! Why a task is not done.

use crate::support::{Server, no_room, task};
use broker::Condition;
use queue_schema::{Outcome, Queue};
use std::time::Duration;
use uuid::Uuid;

fn names(why: &[(String, String)]) -> Vec<&str> {
    why.iter().map(|(reason, _)| reason.as_str()).collect()
}

#[tokio::test]
async fn a_waiting_task_tells_every_obstacle_and_its_place() {
    let server = Server::start().await;
    let (first, second) = (server.waiting().await, server.waiting().await);
    assert_eq!(names(&server.why(first).await), ["no_worker", "in_line"]);
    server.broker().pause(Queue::Processing, "anna").await.unwrap();
    let why = server.why(second).await;
    assert_eq!(names(&why), ["queue_paused", "no_worker", "in_line"]);
    assert_eq!(why[0].1, "queue processing is paused by anna");
    assert_eq!(why[2].1, "1 task ahead in lane processing");
    server.worker(&[Queue::Processing]).await;
    server.broker().resume(Queue::Processing, "anna").await.unwrap();
    assert_eq!(
        server.why(first).await,
        [("in_line".into(), "next in lane processing".into())]
    );
}

#[tokio::test]
async fn a_queue_whose_only_worker_drains_has_none() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Processing]).await;
    let waiting = server.waiting().await;
    server.broker().drain(worker, "anna").await.unwrap();
    let why = server.why(waiting).await;
    assert_eq!(why[0].0, "no_worker");
    assert!(why[0].1.contains("draining"), "{why:?}");
}

#[tokio::test]
async fn a_queue_whose_workers_have_no_space_waits_for_it() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Processing]).await;
    let waiting = server.waiting().await;
    let full = Condition {
        shortage: Some(no_room()),
        ..Condition::default()
    };
    server.broker().heartbeat(worker, &full).await.unwrap();
    let why = server.why(waiting).await;
    assert_eq!(names(&why), ["no_room", "in_line"]);
    assert!(why[0].1.contains("/scratch"), "{why:?}");
    server.worker(&[Queue::Processing]).await;
    assert_eq!(names(&server.why(waiting).await), ["in_line"]);
}

#[tokio::test]
async fn a_task_that_backs_off_tells_when_and_because_of_what() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Processing]).await;
    let id = server.waiting().await;
    let claimed = server.claim(worker, Queue::Processing).await;
    server.fail(&claimed, Outcome::Failed, "the storage was away").await;
    let why = server.why(id).await;
    assert_eq!(names(&why), ["backing_off"]);
    assert!(
        why[0].1.contains("(attempt 2 of 8), because: the storage was away"),
        "{why:?}"
    );
}

#[tokio::test]
async fn a_delayed_task_tells_when_it_is_due() {
    let server = Server::start().await;
    server.worker(&[Queue::Processing]).await;
    let id = server.enqueue(&[task().due_in(Duration::from_secs(3600))]).await[0];
    assert_eq!(names(&server.why(id).await), ["due_later"]);
}

#[tokio::test]
async fn a_running_task_tells_who_has_it() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Processing]).await;
    let id = server.waiting().await;
    let claimed = server.claim(worker, Queue::Processing).await;
    let renewal = broker::Renewal {
        id,
        token: claimed.token,
        progress: Some((2, 5)),
    };
    server.broker().renew(&[renewal]).await.unwrap();
    let why = server.why(id).await;
    assert_eq!(names(&why), ["leased"]);
    assert!(
        why[0].1.contains("worker worker-test on here") && why[0].1.contains("2 of 5"),
        "{why:?}"
    );
}

#[tokio::test]
async fn a_task_of_a_dead_worker_tells_of_its_silence() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Processing]).await;
    let id = server.waiting().await;
    server.claim(worker, Queue::Processing).await;
    server
        .sql("UPDATE workers SET last_seen = now() - interval '40 seconds'")
        .await;
    let why = server.why(id).await;
    assert_eq!(names(&why), ["worker_silent"]);
    assert!(why[0].1.contains("silent for 40 s"), "{why:?}");
    server
        .sql("UPDATE tasks SET lease_until = now() - interval '9 seconds' WHERE state = 'running'")
        .await;
    let why = server.why(id).await;
    assert!(why[0].1.contains("9 s ago, without a sign of life"), "{why:?}");
}

#[tokio::test]
async fn a_task_dead_by_memory_tells_so_and_what_it_spent() {
    let server = Server::start().await;
    let id = server.waiting().await;
    for _ in 0..3 {
        server
            .sql("UPDATE tasks SET state = 'ready', ready_at = now() WHERE state = 'scheduled'")
            .await;
        let claimed = server.claim(Uuid::now_v7(), Queue::Processing).await;
        server
            .fail(&claimed, Outcome::OutOfMemory, "page 3 took more than 2 GiB")
            .await;
    }
    let why = server.why(id).await;
    assert_eq!(names(&why), ["dead"]);
    let sentence = &why[0].1;
    assert!(
        sentence.contains("memory limit") && sentence.contains("3 of 3 crashes") && sentence.contains("page 3 took"),
        "{sentence}"
    );
    let task = server.json(&format!("/api/v1/tasks/{id}")).await;
    let runs = task["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 3);
    assert!(
        runs.iter()
            .all(|run| run["outcome"] == "out_of_memory" && run["peak_kib"] == 300_000),
        "{runs:?}"
    );
}

#[tokio::test]
async fn a_done_page_tells_that_its_document_waits_for_others() {
    let server = Server::start().await;
    let document = server.document("long.pdf").await;
    let script = format!(
        "UPDATE tasks SET state = 'done', finished_at = now() WHERE document_id = '{document}';
         INSERT INTO tasks (id, queue, kind, payload, state, policy, flow, rank, document_id, stage)
         SELECT gen_random_uuid(), queue, 'read_pages',
                jsonb_build_object('document', document_id, 'first', n, 'last', n, 'languages', 'eng', 'force_ocr', false),
                'ready', policy, flow, rank, document_id, stage
         FROM tasks, generate_series(4, 5) n WHERE document_id = '{document}'"
    );
    server.sql(&script).await;
    let done = server
        .json(&format!("/api/v1/tasks?document={document}&state=done"))
        .await;
    let why = server
        .why(done["tasks"][0]["id"].as_str().unwrap().parse().unwrap())
        .await;
    assert_eq!(names(&why), ["done", "waits_for_siblings"]);
    assert!(why[1].1.contains("2 tasks"), "{why:?}");
    let page = server.page(&format!("/documents/{document}")).await;
    assert!(
        page.contains("page 4") && page.contains("No worker serves queue ocr"),
        "{page}"
    );
}
