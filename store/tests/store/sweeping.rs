use crate::support::Fleet;
use bytes::Bytes as Chunk;
use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use store::{Bytes, CATEGORIZER};
use uuid::Uuid;

/// Stores an object of this age.
async fn put(fleet: &Fleet, object: &str, days: u64) -> PathBuf {
    let body = futures_util::stream::iter([Ok::<_, Infallible>(Chunk::from_static(b"bytes"))]);
    fleet.store.bytes().put(object, body, 1 << 20).await.unwrap();
    let folder = fleet.settings.optional("STORAGE_URL").unwrap();
    let file = PathBuf::from(folder.strip_prefix("file://").unwrap()).join(object);
    let then = SystemTime::now() - Duration::from_secs(days * 24 * 3600 + 60);
    std::fs::File::open(&file).unwrap().set_modified(then).unwrap();
    file
}

#[tokio::test]
async fn what_is_old_and_nobodys_goes() {
    let fleet = Fleet::new().await;
    let of_upload = put(&fleet, &Bytes::original_key(Uuid::now_v7()), 1).await;
    let of_run = put(&fleet, &Bytes::model_key(Uuid::now_v7()), 1).await;
    let young = put(&fleet, &Bytes::model_key(Uuid::now_v7()), 0).await;
    // Somebody else's, in the same folder.
    let foreign = put(&fleet, "holiday/photo.jpg", 1).await;
    let document = fleet.document().await;
    let original = put(&fleet, &Bytes::original_key(document), 1).await;
    let model = Uuid::now_v7();
    let kept = put(&fleet, &Bytes::model_key(model), 1).await;
    let mut client = fleet.store.broker().pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    let (object, figures) = (Bytes::model_key(model), serde_json::json!({}));
    let added = fleet
        .store
        .add_model(&tx, "letters", CATEGORIZER, model, &object, &figures);
    added.await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(fleet.store.sweep().await.unwrap(), 2);
    assert!(!of_upload.exists() && !of_run.exists());
    assert!(young.exists() && original.exists() && kept.exists() && foreign.exists());
}
