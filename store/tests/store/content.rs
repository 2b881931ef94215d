use crate::support::Fleet;
use queue_schema::document::{DocumentStatus, Field, Rect, Source};
use store::{Correction, FieldCorrection, Filter};
use uuid::Uuid;

fn field(label: &str, value: &str, source: Source) -> Field {
    Field {
        label: label.into(),
        value: value.into(),
        raw: value.into(),
        page: 1,
        rect: Rect::from([1.0, 2.0, 3.0, 4.0]),
        confidence: 0.5,
        source,
    }
}

async fn save(fleet: &Fleet, id: Uuid, fields: &[Field]) {
    let mut client = fleet.store.broker().pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    fleet.store.save_fields(&tx, id, fields).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn text_with_nuls_is_stored_without_them() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(1, 1).await;
    fleet.read("nul\0 in\0side").await;
    assert_eq!(fleet.store.page(id, 1).await.unwrap().unwrap().text(), "nul inside");
    save(&fleet, id, &[field("total\0", "1\0.00", Source::Model)]).await;
    assert_eq!(fleet.store.fields(id).await.unwrap()[0].value, "1.00");
}

#[tokio::test]
async fn a_reading_comes_back_as_it_was_saved() {
    let fleet = Fleet::new().await;
    let id = fleet.finished().await;
    let fields = [field("total", "1.00", Source::Model), field("party", "B", Source::Rule)];
    save(&fleet, id, &fields).await;
    let reading = fleet.store.reading(id).await.unwrap();
    assert_eq!(reading.fields, fields);
    assert_eq!(reading.category.unwrap().name, "letter");
    assert_eq!(reading.pages, [crate::support::page(1, "Dear reader")]);
    assert!(fleet.store.page(id, 2).await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_person_entered_outlives_a_second_extraction() {
    let fleet = Fleet::new().await;
    let id = fleet.finished().await;
    let say = async |label: &str, values: Option<&[&str]>| {
        let correction = Correction {
            fields: vec![FieldCorrection {
                label: label.into(),
                values: values.map(|values| values.iter().map(|value| value.to_string()).collect()),
            }],
            ..Correction::default()
        };
        fleet.store.correct(id, &correction, "a test").await.unwrap();
    };
    let values = async || {
        let fields = fleet.store.fields(id).await.unwrap().into_iter();
        fields.map(|field| (field.label, field.value)).collect::<Vec<_>>()
    };
    let found = [
        field("total", "9.00", Source::Model),
        field("party", "B", Source::Model),
    ];
    let pair = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    say("total", Some(&["1.00"])).await;
    say("supplier", Some(&["Ada", "Bob"])).await;
    for _ in 0..2 {
        save(&fleet, id, &found).await;
        let mut now = values().await;
        now.sort();
        let expected = [
            pair("party", "B"),
            pair("supplier", "Ada"),
            pair("supplier", "Bob"),
            pair("total", "1.00"),
        ];
        assert_eq!(now, expected);
    }
    say("total", Some(&[])).await;
    say("supplier", None).await;
    assert_eq!(values().await, [pair("party", "B")], "it has no total, says the person");
    say("total", None).await;
    assert_eq!(values().await, [pair("total", "9.00"), pair("party", "B")]);
    assert_eq!(
        fleet.store.reading(id).await.unwrap().fields,
        found,
        "what was found is kept beside it"
    );
}

#[tokio::test]
async fn documents_are_found_by_their_words_and_their_name() {
    let fleet = Fleet::new().await;
    let id = fleet.finished().await;
    fleet.document().await;
    let found = async |search: &str| {
        let filter = Filter {
            search: Some(search.into()),
            limit: 10,
            ..Filter::default()
        };
        let documents = fleet.store.documents(&filter).await.unwrap();
        documents.iter().map(|d| d.id).collect::<Vec<_>>()
    };
    assert_eq!(found("reader dear").await, [id]);
    assert!(found("nobody").await.is_empty());
    assert_eq!(found("LETTER.p").await.len(), 2, "by a part of the file's name");
    for odd in ["", "\"", "a & | !", "%", "'", "-", "\\"] {
        found(odd).await;
    }
}

#[tokio::test]
async fn the_list_goes_on_where_it_stopped() {
    let fleet = Fleet::new().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(fleet.document().await);
    }
    all.reverse();
    let mut filter = Filter {
        status: Some(DocumentStatus::Queued),
        project: Some("letters".into()),
        limit: 2,
        ..Filter::default()
    };
    let mut listed = Vec::new();
    loop {
        let some = fleet.store.documents(&filter).await.unwrap();
        let Some(last) = some.last() else { break };
        filter.after = Some((last.created_at, last.id));
        listed.extend(some.iter().map(|d| d.id));
    }
    assert_eq!(listed, all);
}
