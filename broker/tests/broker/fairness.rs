use crate::support::{Fleet, PATIENCE, QUEUES, opening, run_of, task};
use broker::{NewTask, Usage};
use queue_schema::invariants::unfair;
use queue_schema::payload::ReadPages;
use queue_schema::{Outcome, Queue};
use uuid::Uuid;

fn flood(flow: &str, tasks: usize) -> Vec<NewTask> {
    (0..tasks).map(|_| task().in_flow(flow)).collect()
}

async fn flows(fleet: &Fleet, claims: usize) -> Vec<String> {
    let mut flows = Vec::new();
    for _ in 0..claims {
        flows.push(fleet.next().await.unwrap().flow);
    }
    flows
}

#[tokio::test]
async fn a_flood_delays_others_by_one_round() {
    let fleet = Fleet::new().await;
    fleet.enqueue(&flood("a", 1000)).await;
    flows(&fleet, 10).await;
    fleet.enqueue(&flood("b", 1)).await;
    fleet.enqueue(&flood("c", 3)).await;
    let round = flows(&fleet, 3).await;
    assert!(round.contains(&"b".into()) && round.contains(&"c".into()), "{round:?}");
    let rounds = flows(&fleet, 5).await;
    assert_eq!(rounds.iter().filter(|f| *f == "c").count(), 2, "{rounds:?}");
}

/// Both by polling Postgres and by wake-ups from Redis.
#[tokio::test]
async fn with_ten_thousand_waiting_a_newcomer_is_served_within_a_round() {
    let fleet = Fleet::new().await;
    let crowds: Vec<_> = ["a", "b", "c"].iter().flat_map(|flow| flood(flow, 4000)).collect();
    for some in crowds.chunks(1000) {
        fleet.enqueue(some).await;
    }
    flows(&fleet, 20).await;
    let newcomer = |flow: &str| [task().in_flow(flow)];

    fleet.enqueue(&newcomer("polled")).await;
    let mut served = Vec::new();
    while served.last().is_none_or(|flow| flow != "polled") {
        served.extend(flows(&fleet, 1).await);
        assert_eq!(unfair("polled", &served), None);
    }

    let id = fleet.enqueue(&newcomer("woken")).await[0].id;
    let mut waiter = fleet.broker.wake().waiter();
    let mut served = Vec::new();
    loop {
        let woken = waiter.next(QUEUES, PATIENCE).await.unwrap().unwrap();
        if woken == id {
            break;
        }
        // Redis still holds wake-ups of tasks that were claimed by polling.
        let claimed = fleet.broker.claim(fleet.worker, QUEUES, &[woken]).await.unwrap();
        served.extend(claimed.into_iter().map(|task| task.flow));
        assert_eq!(unfair("woken", &served), None);
    }
}

#[tokio::test]
async fn a_new_document_does_not_wait_for_a_long_ones_pages() {
    let fleet = Fleet::new().await;
    let long = Uuid::now_v7();
    let pages = |page| {
        let payload = ReadPages {
            document: long,
            first: page,
            last: page,
            languages: "eng".into(),
            force_ocr: false,
        };
        NewTask::new(&payload).unwrap().in_flow(long.to_string())
    };
    fleet.enqueue(&(1..=300).map(pages).collect::<Vec<_>>()).await;
    fleet.enqueue(&[opening().in_flow("project")]).await;
    let mut next = Vec::new();
    for _ in 0..2 {
        next.push(
            fleet
                .broker
                .claim_next(fleet.worker, &[Queue::Ocr])
                .await
                .unwrap()
                .unwrap()
                .flow,
        );
    }
    assert!(next.contains(&"project".into()), "{next:?}");
}

/// An old task that becomes ready again must not turn the queue's virtual clock back. Else a flood that is enqueued after it
/// would be ranked before all waiting tasks.
#[tokio::test]
async fn a_task_that_comes_back_turns_no_clock_back() {
    let fleet = Fleet::new().await;
    fleet.enqueue(&flood("old", 1)).await;
    let old = fleet.next().await.unwrap();
    fleet
        .broker
        .fail(run_of(&old), Outcome::Failed, None, Usage::default())
        .await
        .unwrap();
    fleet.enqueue(&flood("a", 100)).await;
    flows(&fleet, 50).await;
    fleet
        .alter("UPDATE tasks SET due_at = now() WHERE id = $1", old.id)
        .await;
    assert_eq!(fleet.broker.release_due(10).await.unwrap(), 1);
    fleet.enqueue(&flood("flood", 100)).await;
    assert_eq!(fleet.next().await.unwrap().id, old.id, "the oldest of its round");
    let next = flows(&fleet, 6).await;
    assert!(next.iter().filter(|f| *f == "a").count() >= 3, "{next:?}");
}

#[tokio::test]
async fn tasks_that_come_back_together_take_turns_with_others() {
    let fleet = Fleet::new().await;
    fleet.enqueue(&flood("a", 50)).await;
    for _ in 0..50 {
        let claimed = fleet.next().await.unwrap();
        fleet
            .broker
            .fail(run_of(&claimed), Outcome::Failed, None, Usage::default())
            .await
            .unwrap();
    }
    let client = fleet.broker.pool().get().await.unwrap();
    client.execute("UPDATE tasks SET due_at = now()", &[]).await.unwrap();
    assert_eq!(fleet.broker.release_due(100).await.unwrap(), 50);
    fleet.enqueue(&flood("b", 1)).await;
    let round = flows(&fleet, 2).await;
    assert!(round.contains(&"b".into()), "{round:?}");
}
