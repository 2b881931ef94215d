use crate::support::{Fleet, QUEUES, Results, Then, run_of, task};
use broker::{Broker, Claimed, Ended, Follow, NewTask, Usage, live_in_stage};
use futures_util::future::BoxFuture;
use queue_schema::document::{DocumentError, ErrorCode, Stage};
use queue_schema::payload::{CategorizeDocument, ReadPages};
use queue_schema::{Outcome, Payload, Queue, State};
use std::time::Duration;
use tokio_postgres::Transaction;
use uuid::Uuid;

/// Like the flow of documents: the run that ends the last page enqueues the next stage.
struct LastPage;

impl Follow for LastPage {
    fn ended<'a>(&'a self, tx: &'a Transaction<'_>, task: &'a Ended) -> BoxFuture<'a, broker::Result<Vec<NewTask>>> {
        Box::pin(async move {
            let document = task.document.unwrap();
            if task.kind != ReadPages::KIND || live_in_stage(tx, document, Stage::Ocr, task.version).await? > 0 {
                return Ok(Vec::new());
            }
            Ok(vec![
                NewTask::new(&CategorizeDocument { document })?.of_document(document, task.version),
            ])
        })
    }
}

fn pages(document: Uuid, page: u32) -> NewTask {
    let payload = ReadPages {
        document,
        first: page,
        last: page,
        languages: "eng".into(),
        force_ocr: false,
    };
    NewTask::new(&payload).unwrap().of_document(document, 1)
}

async fn complete(broker: &Broker, run: broker::Run) {
    broker
        .complete(run, Usage::default(), Results::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn two_last_pages_at_once_bring_the_next_stage_once() {
    let fleet = Fleet::following(LastPage).await;
    for _ in 0..20 {
        let document = Uuid::now_v7();
        fleet.enqueue(&[pages(document, 1), pages(document, 2)]).await;
        let mut endings = Vec::new();
        for _ in 0..2 {
            let claimed = fleet
                .broker
                .claim_next(fleet.worker, &[Queue::Ocr])
                .await
                .unwrap()
                .unwrap();
            let broker = fleet.broker.clone();
            endings.push(tokio::spawn(async move { complete(&broker, run_of(&claimed)).await }));
        }
        for ending in endings {
            ending.await.unwrap();
        }
        let next: i64 = fleet
            .cell(
                "SELECT count(*) FROM tasks WHERE document_id = $1 AND stage = 'categorize'",
                document,
            )
            .await;
        assert_eq!(next, 1);
    }
}

#[tokio::test]
async fn a_run_commits_its_results_and_what_follows_with_its_end() {
    let follower = task();
    let follower_id = follower.id();
    let fleet = Fleet::following(Then(follower)).await;
    let running = fleet.running().await;
    fleet
        .broker
        .complete(
            run_of(&running),
            Usage::default(),
            Results {
                statement: Some("CREATE TABLE results ()"),
            },
        )
        .await
        .unwrap();
    assert_eq!(fleet.state(running.id).await, State::Done);
    assert_eq!(fleet.next().await.unwrap().id, follower_id);

    let running = fleet.running().await;
    let refused = fleet
        .broker
        .complete(
            run_of(&running),
            Usage::default(),
            Results {
                statement: Some("CREATE TABLE results ()"),
            },
        )
        .await;
    assert!(refused.is_err_and(|e| e.to_string().contains("already exists")));
    assert_eq!(
        fleet.state(running.id).await,
        State::Running,
        "the end goes with its results"
    );
}

#[tokio::test]
async fn a_lost_worker_costs_a_crash_and_the_third_is_the_end() {
    let fleet = Fleet::new().await;
    let id = fleet.running().await.id;
    for crash in 1..=3 {
        fleet.expire(id).await;
        assert_eq!(fleet.broker.reap(10).await.unwrap(), 1);
        let counted: i32 = fleet.cell("SELECT crashes FROM tasks WHERE id = $1", id).await;
        assert_eq!(counted, crash);
        if crash < 3 {
            assert_eq!(fleet.state(id).await, State::Ready, "the lease was delay enough");
            assert_eq!(fleet.next().await.unwrap().id, id);
        }
    }
    assert_eq!(fleet.state(id).await, State::Dead);
    assert_eq!(fleet.broker.reap(10).await.unwrap(), 0);
    let runs: i64 = fleet
        .cell(
            "SELECT count(*) FROM attempts WHERE task_id = $1 AND outcome = 'worker_lost'",
            id,
        )
        .await;
    assert_eq!(runs, 3);
}

#[tokio::test]
async fn a_task_may_have_a_smaller_crash_budget_than_its_queue() {
    let fleet = Fleet::new().await;
    fleet.enqueue(&[task().may_crash(1)]).await;
    let running = fleet.next().await.unwrap();
    let broker = &fleet.broker;
    let ended = broker.fail(run_of(&running), Outcome::TimedOut, None, Usage::default());
    assert_eq!(ended.await.unwrap(), State::Dead);
}

#[tokio::test]
async fn a_standing_lease_is_not_reaped() {
    let fleet = Fleet::new().await;
    let id = fleet.running().await.id;
    assert_eq!(fleet.broker.reap(10).await.unwrap(), 0);
    assert_eq!(fleet.state(id).await, State::Running);
}

async fn with_a_lease_that_ran_out_in_an_outage() -> (Fleet, Claimed) {
    let fleet = Fleet::new().await;
    let claimed = fleet.running().await;
    fleet.expire(claimed.id).await;
    fleet
        .batch("UPDATE lease_watch SET seen = now() - interval '1 day'")
        .await;
    (fleet, claimed)
}

#[tokio::test]
async fn after_an_outage_a_lease_stands_for_a_third_of_it() {
    let (fleet, _) = with_a_lease_that_ran_out_in_an_outage().await;
    assert_eq!(fleet.broker.reap(10).await.unwrap(), 0, "nobody could have renewed it");
    fleet
        .batch("UPDATE lease_watch SET gap_to = now() - lease * 0.25")
        .await;
    assert_eq!(fleet.broker.reap(10).await.unwrap(), 0);
    fleet
        .batch("UPDATE lease_watch SET gap_to = now() - lease * 0.45")
        .await;
    assert_eq!(
        fleet.broker.reap(10).await.unwrap(),
        1,
        "by now it would have been renewed"
    );
}

#[tokio::test]
async fn who_ends_first_after_an_outage_loses_nothing_by_it() {
    let (fleet, claimed) = with_a_lease_that_ran_out_in_an_outage().await;
    let ended = fleet
        .broker
        .complete(run_of(&claimed), Usage::default(), Results::default());
    ended.await.expect("the lease stands");
    assert_eq!(fleet.state(claimed.id).await, State::Done);
}

/// `outages` takes times before now, in leases: when the outage began, when it ended, and when Postgres was last seen.
#[tokio::test]
async fn a_second_outage_before_all_have_renewed_costs_no_lease() {
    let fleet = Fleet::new().await;
    let id = fleet.running().await.id;
    fleet.batch("UPDATE lease_watch SET lease = '15 seconds'").await;
    let outages = async |gap_from: f64, gap_to: f64, seen: f64| {
        fleet
            .alter(
                "UPDATE tasks SET lease_until = now() - lease * 2 FROM lease_watch WHERE id = $1",
                id,
            )
            .await;
        let before = |times: f64| format!("now() - lease * {times}");
        let (from, to, seen) = (before(gap_from), before(gap_to), before(seen));
        fleet
            .batch(&format!(
                "UPDATE lease_watch SET gap_from = {from}, gap_to = {to}, seen = {seen}"
            ))
            .await;
        fleet.broker.reap(10).await.unwrap()
    };
    assert_eq!(outages(2.5, 0.9, 0.8).await, 0, "one gap with the first");
    assert_eq!(
        outages(2.5, 0.5, 0.48).await,
        0,
        "too short for a gap, and as long as what was left"
    );
    assert_eq!(outages(2.5, 1.5, 0.8).await, 1, "all had renewed before the second");
}

#[tokio::test]
async fn a_task_that_cannot_be_ended_holds_up_no_other() {
    let fleet = Fleet::new().await;
    let (bad, good) = (fleet.running().await.id, fleet.running().await.id);
    fleet
        .alter("UPDATE tasks SET queue = 'unheard_of' WHERE id = $1", bad)
        .await;
    fleet.expire(bad).await;
    fleet.expire(good).await;
    assert_eq!(fleet.broker.reap(10).await.unwrap(), 1);
    assert_eq!(fleet.state(good).await, State::Ready);
}

#[tokio::test]
async fn a_failed_run_is_tried_again_later() {
    let fleet = Fleet::new().await;
    let running = fleet.running().await;
    let error = DocumentError::new(ErrorCode::Internal, "the weather");
    let usage = Usage {
        peak_kib: 4096,
        cpu: Duration::from_millis(20),
        said: vec!["page 1".into(), "page 2".into()],
    };
    let state = fleet
        .broker
        .fail(run_of(&running), Outcome::Failed, Some(error), usage)
        .await
        .unwrap();
    assert_eq!(state, State::Scheduled);
    let later: bool = fleet
        .cell("SELECT due_at > now() FROM tasks WHERE id = $1", running.id)
        .await;
    let why: String = fleet
        .cell("SELECT error ->> 'message' FROM tasks WHERE id = $1", running.id)
        .await;
    let peak: i64 = fleet
        .cell("SELECT peak_kib FROM attempts WHERE task_id = $1", running.id)
        .await;
    let said: String = fleet
        .cell("SELECT said FROM attempts WHERE task_id = $1", running.id)
        .await;
    assert_eq!((later, why.as_str(), peak), (true, "the weather", 4096));
    assert_eq!(said, "page 1\npage 2");
    assert!(fleet.next().await.is_none());
    fleet
        .alter("UPDATE tasks SET due_at = now() WHERE id = $1", running.id)
        .await;
    assert_eq!(fleet.broker.release_due(100).await.unwrap(), 1);
    assert_eq!(fleet.next().await.unwrap().attempt, 2);
}

#[tokio::test]
async fn a_hand_back_spends_no_attempt() {
    let fleet = Fleet::new().await;
    let id = fleet.enqueue(&[task()]).await.remove(0).id;
    for _ in 0..5 {
        let claimed = fleet.broker.claim_next(fleet.worker, QUEUES).await.unwrap().unwrap();
        assert_eq!((claimed.id, claimed.attempt), (id, 1));
        let state = fleet
            .broker
            .fail(run_of(&claimed), Outcome::HandedBack, None, Usage::default())
            .await
            .unwrap();
        assert_eq!(state, State::Ready);
    }
}
