use crate::support::{Fleet, opening, task};
use broker::NextInLine;
use queue_schema::Queue;
use uuid::Uuid;

const LANES: &[Queue] = &[Queue::PriorityOcr, Queue::Ocr, Queue::Processing];

#[tokio::test]
async fn who_is_next_in_line_is_who_would_be_claimed() {
    let fleet = Fleet::new().await;
    let next = async || fleet.broker.next_in_line(LANES).await.unwrap();
    assert_eq!(next().await, None);

    let scan = Uuid::now_v7();
    fleet.enqueue(&[task().of_steps(9).of_document(scan, 1)]).await;
    let scan = NextInLine {
        urgent: false,
        document: Some(scan),
        steps: 9,
    };
    assert_eq!(next().await, Some(scan));

    // The lane that is named first comes first, even with a higher rank. A task without a number of steps counts as one step.
    fleet.enqueue(&[opening()]).await;
    let receipt = NextInLine {
        urgent: false,
        document: None,
        steps: 1,
    };
    assert_eq!(next().await, Some(receipt));
    fleet.enqueue(&[opening().urgent(true).of_steps(4)]).await;
    let urgent = NextInLine {
        urgent: true,
        document: None,
        steps: 4,
    };
    assert_eq!(next().await, Some(urgent));

    fleet.broker.pause(Queue::PriorityOcr, "a test").await.unwrap();
    assert_eq!(next().await, Some(receipt), "a paused lane gives nothing");
    fleet.broker.pause(Queue::Ocr, "a test").await.unwrap();
    assert_eq!(next().await, Some(scan));
    let running = fleet.next().await.unwrap();
    assert_eq!(running.document, scan.document, "what is next is claimed next");
    assert_eq!(next().await, None);
}
