use crate::support::{Fleet, PATIENCE};
use broker::{Broker, Error};
use fleet_tests::{Services, wait_until};
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
    assert!(error.is_transient());
    assert!(error.to_string().contains("No such file or directory"), "{error}");
}

/// A process that was stopped while it held the migration lock does not block the start of others.
#[tokio::test]
async fn a_migration_that_is_done_is_not_waited_for() {
    let fleet = Fleet::new().await;
    let client = fleet.broker.pool().get().await.unwrap();
    let locked = "SELECT pg_advisory_lock(7237112417764074868)";
    client.execute(locked, &[]).await.unwrap();
    let settings = fleet.home.settings();
    let opened = tokio::time::timeout(PATIENCE, Broker::open(&settings, Arc::new(()))).await;
    assert!(opened.expect("nobody is waited for").is_ok());
}

/// A worker's machine may vanish in the middle of a transaction. The locks of that transaction must be released soon.
#[tokio::test]
async fn sessions_that_lie_idle_in_a_transaction_are_ended_and_that_passes() {
    let fleet = Fleet::new().await;
    let client = fleet.broker.pool().get().await.unwrap();
    let set: String = client
        .query_one("SHOW idle_in_transaction_session_timeout", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(set, "30s");
    client
        .batch_execute("SET idle_in_transaction_session_timeout = '100ms'; BEGIN")
        .await
        .unwrap();
    let other = fleet.broker.pool().get().await.unwrap();
    let pid =
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()";
    wait_until("the session to be ended", async || {
        other.query_one(pid, &[]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
    let error = client
        .query_one("SELECT 1", &[])
        .await
        .expect_err("the session is gone");
    assert!(Error::from(error).is_transient());
}
