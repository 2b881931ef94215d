use crate::support::Fleet;
use broker::{Broker, Error};
use fleet_tests::Services;
use queue_schema::migrations;
use std::sync::Arc;

#[tokio::test]
async fn many_processes_start_on_an_empty_database_at_once() {
    let settings = Services::shared().database().settings();
    let opening: Vec<_> = (0..4)
        .map(|_| {
            let settings = settings.clone();
            tokio::spawn(async move { Broker::open(&settings, Arc::new(())).await.map(|_| ()) })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let fleet = Fleet::new().await;
    let newer = migrations::newest() + 1;
    let client = fleet.broker.pool().get().await.unwrap();
    let insert = "INSERT INTO refinery_schema_history SELECT $1, name, applied_on, checksum FROM refinery_schema_history WHERE version = 1";
    client.execute(insert, &[&newer]).await.unwrap();
    let refused = Broker::open(&fleet.home.settings(), Arc::new(())).await.err().unwrap();
    assert!(matches!(refused, Error::NewerSchema { found, known } if found == newer && known == newer - 1));
}

#[tokio::test]
async fn a_missing_or_wrong_url_names_its_setting() {
    for (name, value) in [("DATABASE_URL", "postgres://[/x"), ("BROKER_URL", "redis://[")] {
        let settings = Services::shared().database().settings_with(&[(name, value)]);
        let error = Broker::open(&settings, Arc::new(())).await.err().unwrap();
        assert!(error.to_string().starts_with(&format!("setting {name}")), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_try_and_says_what_is_wrong() {
    let nowhere = ("DATABASE_URL", "postgres://docfleet@%2Fnowhere/docfleet");
    let settings = Services::shared().database().settings_with(&[nowhere]);
    let error = Broker::open(&settings, Arc::new(())).await.err().unwrap();
    assert!(error.is_passing());
    assert!(error.to_string().contains("No such file or directory"), "{error}");
}
