use crate::support::Fleet;
use bytes::Bytes as Chunk;
use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use store::{Bytes, CATEGORIZER, NewArtefact};
use uuid::Uuid;

/// Stores an object that is `days` old.
async fn put(fleet: &Fleet, object: &str, days: u64) -> PathBuf {
    let body = futures_util::stream::iter([Ok::<_, Infallible>(Chunk::from_static(b"bytes"))]);
    fleet.store.bytes().put(object, body, 1 << 20).await.unwrap();
    let folder = fleet.settings.get(settings::STORAGE_URL).unwrap();
    let file = PathBuf::from(folder.strip_prefix("file://").unwrap()).join(object);
    let then = SystemTime::now() - Duration::from_secs(days * 24 * 3600 + 60);
    std::fs::File::open(&file).unwrap().set_modified(then).unwrap();
    file
}

#[tokio::test]
async fn old_objects_without_a_document_are_removed() {
    let fleet = Fleet::new().await;
    let of_upload = put(&fleet, &Bytes::original_key(Uuid::now_v7()), 1).await;
    let of_run = put(&fleet, &Bytes::model_key(Uuid::now_v7()), 1).await;
    let young = put(&fleet, &Bytes::model_key(Uuid::now_v7()), 0).await;
    // A file of another program in the same folder.
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

#[tokio::test]
async fn of_page_images_the_least_recently_used_go_first() {
    let fleet = Fleet::with(&[("PAGE_IMAGES_BYTES", "10")]).await;
    let document = fleet.document().await;
    let names = ["page-1-800.png", "page-2-800.png", "page-3-800.png", "text.txt"];
    let mut files = Vec::new();
    let mut client = fleet.store.broker().pool().get().await.unwrap();
    for name in names {
        let object = Bytes::artefact_key(document, Uuid::now_v7(), name);
        files.push(put(&fleet, &object, 0).await);
        let artefact = NewArtefact {
            name: name.into(),
            object,
            content_type: "image/png".into(),
            size_bytes: 5,
        };
        let tx = client.transaction().await.unwrap();
        fleet.store.save_artefacts(&tx, document, &[artefact]).await.unwrap();
        tx.commit().await.unwrap();
        // The first is the oldest.
        let age = "UPDATE artefacts SET used_at = used_at - interval '1 day'";
        client.execute(age, &[]).await.unwrap();
    }
    assert!(
        fleet.store.artefact(document, names[0]).await.unwrap().is_some(),
        "it is used"
    );

    assert_eq!(fleet.store.evict_page_images().await.unwrap(), 1);
    let there: Vec<bool> = files.iter().map(|file| file.exists()).collect();
    assert_eq!(there, [true, false, true, true]);
    assert!(fleet.store.artefact(document, names[1]).await.unwrap().is_none());
    assert_eq!(fleet.store.evict_page_images().await.unwrap(), 0);
}
