//! No page reads all tasks, whatever statements it is made of.

use crate::support::Server;
use broker::Broker;
use fleet_tests::{Services, seed, wait_for};
use queue_schema::State;
use std::sync::Arc;

const TASKS: u64 = 50_000;
/// How often Postgres went through all of either table.
async fn scans(client: &tokio_postgres::Client) -> i64 {
    let sum = "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname IN ('tasks', 'attempts')";
    client.query_one(sum, &[]).await.unwrap().get(0)
}

/// Waits until no more than so many other connections are left: a connection tells what it did when it ends, at the latest.
async fn alone_but_for(client: &tokio_postgres::Client, most: i64) {
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    wait_for("the dashboard's connections to end", async || {
        let left: i64 = client.query_one(others, &[]).await.unwrap().get(0);
        (left <= most).then_some(())
    })
    .await;
}

#[tokio::test]
async fn no_page_goes_through_all_tasks_or_runs() {
    let home = Services::shared().database();
    // Makes the tables, and the indexes by going through them.
    drop(Broker::open(&home.settings(), Arc::new(())).await.unwrap());
    let url = home.settings().get(settings::DATABASE_URL).unwrap().to_owned();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    alone_but_for(&client, 0).await;
    seed(&client, TASKS).await.unwrap();
    client.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    let before = scans(&client).await;

    let server = Server::start_at(home).await;
    let mut paths: Vec<String> = [
        "/",
        "/wall",
        "/tasks",
        "/dead",
        "/dead?search=signal",
        "/workers",
        "/audit",
        "/documents",
        "/metrics",
    ]
    .map(str::to_owned)
    .to_vec();
    for state in State::ALL {
        paths.push(format!("/queues/ocr?state={state}"));
        paths.push(format!("/tasks?state={state}&kind=train_categorizer"));
        let tasks = server.json(&format!("/api/v1/tasks?state={state}")).await;
        let text = |name: &str| {
            tasks["tasks"]
                .as_array()
                .unwrap()
                .iter()
                .find_map(|t| t[name].as_str().map(str::to_owned))
        };
        paths.extend(text("id").map(|id| format!("/tasks/{id}")));
        paths.extend(text("document").map(|id| format!("/documents/{id}")));
        paths.extend(
            tasks["next_cursor"]
                .as_str()
                .map(|next| format!("/tasks?cursor={next}")),
        );
    }
    for path in &paths {
        server.page(path).await;
    }

    server.broker().pool().close();
    // The connection for claims and heartbeats stays, and reads nothing here.
    alone_but_for(&client, 1).await;
    assert_eq!(
        scans(&client).await,
        before,
        "EXPLAIN tells which statement: broker/tests/broker/plans.rs"
    );
}
