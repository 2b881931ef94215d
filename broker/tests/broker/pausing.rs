use crate::support::{Fleet, QUEUES, task};
use queue_schema::Queue;

#[tokio::test]
async fn a_paused_queue_starts_nothing_until_it_is_resumed() {
    let fleet = Fleet::new().await;
    let broker = &fleet.broker;
    broker.pause(Queue::Processing, "anna").await.unwrap();
    let waiting = fleet.enqueue(&[task()]).await.remove(0).id;
    assert_eq!(broker.paused().await.unwrap(), [Queue::Processing]);
    assert!(fleet.next().await.is_none());
    assert!(broker.claim(fleet.worker, QUEUES, &[waiting]).await.unwrap().is_empty());
    let why = broker.why(waiting).await.unwrap().remove(0).sentence;
    assert_eq!(why, "queue processing is paused by anna");
    broker.resume(Queue::Processing, "anna").await.unwrap();
    assert_eq!(fleet.next().await.unwrap().id, waiting);
}
