use crate::support::Fleet;
use std::collections::BTreeSet;
use store::{Choices, Created, Reach};
use uuid::Uuid;

/// Uploads a document to a project, with the given category.
async fn upload(fleet: &Fleet, project: &str, category: Option<&str>) -> Uuid {
    let mut new = fleet.upload().await;
    new.project = project.into();
    new.category = category.map(str::to_owned);
    assert_eq!(fleet.store.create(&new).await.unwrap(), Created::New(new.id));
    new.id
}

#[tokio::test]
async fn choices_are_what_occurs() {
    let fleet = Fleet::new().await;
    assert_eq!(
        fleet.store.choices(&Reach::default()).await.unwrap(),
        Choices::default()
    );
    upload(&fleet, "b", Some("letter")).await;
    upload(&fleet, "a", None).await;
    upload(&fleet, "b", Some("invoice")).await;
    let gone = upload(&fleet, "c", Some("poem")).await;
    fleet.store.delete(gone, "a test").await.unwrap();
    let known = Choices {
        projects: ["a", "b"].map(str::to_owned).into(),
        categories: ["invoice", "letter"].map(str::to_owned).into(),
    };
    assert_eq!(fleet.store.choices(&Reach::default()).await.unwrap(), known);
    let bound = Reach {
        projects: Some(vec!["a".into()]),
        ..Reach::default()
    };
    let known = Choices {
        projects: vec!["a".into()],
        categories: Vec::new(),
    };
    assert_eq!(fleet.store.choices(&bound).await.unwrap(), known);
}

#[tokio::test]
async fn what_was_searched_for_is_shown_where_it_stands() {
    let fleet = Fleet::new().await;
    let id = fleet.finished().await;
    let unread = fleet.document().await;
    let found = fleet.store.found_in(&[id, unread], "reader").await.unwrap();
    assert_eq!(
        found.iter().map(|f| (f.document, f.page)).collect::<Vec<_>>(),
        [(id, 1)]
    );
    let hits: BTreeSet<&str> = found[0]
        .pieces
        .iter()
        .filter(|p| p.hit)
        .map(|p| p.text.as_str())
        .collect();
    assert_eq!(hits, BTreeSet::from(["reader"]), "{found:?}");
    let shown: String = found[0].pieces.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(shown, "Dear reader", "{found:?}");
    // This is a part of the file's name and does not occur in the text.
    assert!(fleet.store.found_in(&[id], "letter.p").await.unwrap().is_empty());
    for odd in ["", "\"", "a & | !", "%", "'", "-", "\\"] {
        fleet.store.found_in(&[id], odd).await.unwrap();
    }
}
