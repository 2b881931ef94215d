use crate::support::Fleet;
use bytes::Bytes as Chunk;
use queue_schema::Queue;
use store::{Bytes, Created, Error, NewDocument};
use uuid::Uuid;

#[tokio::test]
async fn a_document_and_its_first_task_are_one_commit() {
    let fleet = Fleet::new().await;
    let new = fleet.upload().await;
    let client = fleet.store.broker().pool().get().await.unwrap();
    client
        .batch_execute("ALTER TABLE tasks RENAME TO elsewhere")
        .await
        .unwrap();
    assert!(fleet.store.create(&new).await.is_err());
    assert!(matches!(fleet.store.document(new.id).await, Err(Error::NoDocument(_))));
}

#[tokio::test]
async fn a_new_document_is_opened_first() {
    let fleet = Fleet::new().await;
    let id = fleet.document().await;
    let opening = fleet.claim(Queue::Ocr).await;
    assert_eq!((opening.kind.as_str(), opening.document), ("open_document", Some(id)));
    let document = fleet.store.document(id).await.unwrap();
    assert_eq!(document.languages, "eng+deu", "the setting OCR_LANGUAGES");
    assert_eq!(document.size_bytes, 17);
}

#[tokio::test]
async fn urgent_documents_have_a_lane() {
    let fleet = Fleet::new().await;
    let new = NewDocument {
        urgent: true,
        ..fleet.upload().await
    };
    fleet.store.create(&new).await.unwrap();
    assert!(fleet.nothing_in(Queue::Ocr).await);
    assert_eq!(fleet.claim(Queue::PriorityOcr).await.document, Some(new.id));
}

#[tokio::test]
async fn an_idempotency_key_makes_one_document_of_many_uploads() {
    let fleet = Fleet::new().await;
    let mut uploads = Vec::new();
    for _ in 0..4 {
        let new = NewDocument {
            idempotency_key: Some("letter of may".into()),
            ..fleet.upload().await
        };
        let store = fleet.store.clone();
        uploads.push(tokio::spawn(async move { store.create(&new).await.unwrap() }));
    }
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for upload in uploads {
        match upload.await.unwrap() {
            Created::New(id) => new.push(id),
            Created::Known(id) => known.push(id),
            Created::Other(id) => panic!("the uploads are the same, and {id} was made by another"),
        }
    }
    assert_eq!((new.len(), known.len()), (1, 3));
    assert!(known.iter().all(|id| *id == new[0]));
}

#[tokio::test]
async fn an_idempotency_key_is_of_one_upload_with_one_api_key() {
    let fleet = Fleet::new().await;
    let create = async |uploaded_by: Option<Uuid>, fingerprint: &str| {
        let new = NewDocument {
            idempotency_key: Some("letter of may".into()),
            uploaded_by,
            fingerprint: fingerprint.into(),
            ..fleet.upload().await
        };
        fleet.store.create(&new).await.unwrap()
    };
    let Created::New(first) = create(None, "one").await else {
        panic!("nothing has the key yet");
    };
    assert_eq!(create(None, "one").await, Created::Known(first));
    assert_eq!(create(None, "another").await, Created::Other(first));
    let key = Some(Uuid::now_v7());
    let Created::New(second) = create(key, "another").await else {
        panic!("the uploads of another API key have idempotency keys of their own");
    };
    assert_eq!(create(key, "another").await, Created::Known(second));
}

#[tokio::test]
async fn the_same_bytes_name_the_older_document() {
    let fleet = Fleet::new().await;
    let (first, second) = (fleet.document().await, fleet.document().await);
    assert_eq!(fleet.store.document(first).await.unwrap().duplicate_of, None);
    assert_eq!(fleet.store.document(second).await.unwrap().duplicate_of, Some(first));
}

#[tokio::test]
async fn an_upload_that_breaks_off_or_is_too_large_leaves_nothing() {
    let fleet = Fleet::new().await;
    let object = Bytes::original_key(Uuid::now_v7());
    let chunk = || Ok(Chunk::from(vec![7; 1000]));
    let broken = futures_util::stream::iter([chunk(), Err("the sender went away")]);
    let error = fleet.store.bytes().put(&object, broken, 1 << 20).await.unwrap_err();
    assert!(matches!(error, Error::Upload(_)), "{error}");
    let large = futures_util::stream::iter([chunk(), chunk()] as [Result<_, &str>; 2]);
    let error = fleet.store.bytes().put(&object, large, 1500).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 1500 }), "{error}");
    assert!(fleet.store.bytes().stream(&object).await.is_err());
}
