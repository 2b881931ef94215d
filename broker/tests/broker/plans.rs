//! The operator's views read few rows, however many tasks there are: no statement scans all tasks or runs.

use crate::support::Fleet;
use chrono::Utc;
use fleet_tests::seed;
use serde_json::Value;
use std::path::Path;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

const TASKS: u64 = 50_000;

type Params = Vec<Box<dyn ToSql + Sync>>;

macro_rules! params {
    ($($param:expr),* $(,)?) => { vec![$(Box::new($param) as Box<dyn ToSql + Sync>),*] };
}

/// The parameters of each statement, the most expensive first. A statement that is missing here fails the test.
fn params(name: &str, task: Uuid, document: Uuid) -> Option<Vec<Params>> {
    let (none, no_id) = (None::<&str>, None::<Uuid>);
    let (no_time, some) = (None::<chrono::DateTime<Utc>>, 50_i64);
    let now = Utc::now();
    Some(match name {
        "ahead" | "attempts" | "task" | "why" => vec![params![task]],
        "audit" => vec![params![none, None::<i64>, some]],
        "dead" => vec![
            params![
                none,
                none,
                none,
                no_id,
                "signal",
                None::<Vec<Uuid>>,
                no_time,
                no_time,
                no_id,
                some
            ],
            params![
                "ocr",
                "read_pages",
                "crashed",
                no_id,
                none,
                None::<Vec<Uuid>>,
                now,
                now,
                task,
                some
            ],
        ],
        "dead_count" => vec![
            params![none, none, none, no_id, "signal", None::<Vec<Uuid>>, no_time],
            params![none, none, none, no_id, none, vec![task], no_time],
        ],
        "history" | "overdue" | "schedules" | "workers" => vec![params![]],
        "queue_figures" => vec![params![vec!["ocr", "extract"]]],
        "tasks_ended" => vec![
            params!["done", "training", "train_categorizer", no_time, no_id, some],
            params!["done", none, none, now, task, some],
        ],
        "tasks_newest" => vec![params![none, none, document, "make_searchable_pdf", no_id, some]],
        "tasks_of_document" => vec![params![document, none, none, none, no_id, some]],
        "tasks_ready" => vec![
            params![none, none, none, None::<bool>, None::<i64>, no_id, some],
            params!["ocr", none, "ocr", false, 100_i64, task, some],
        ],
        "tasks_running" => vec![params![none, none, no_id, some]],
        "tasks_scheduled" => vec![params!["ocr", none, now, task, some]],
        "timings" => vec![params!["ocr"], params!["training"]],
        _ => return None,
    })
}

/// Collects the tables that a plan scans sequentially.
fn scanned(plan: &Value, found: &mut Vec<String>) {
    if plan["Node Type"] == "Seq Scan" {
        found.extend(plan["Relation Name"].as_str().map(str::to_owned));
    }
    for below in plan["Plans"].as_array().into_iter().flatten() {
        scanned(below, found);
    }
}

#[tokio::test]
async fn no_look_goes_through_all_tasks_or_runs() {
    let fleet = Fleet::new().await;
    let client = fleet.broker.pool().get().await.unwrap();
    seed(&client, TASKS).await.unwrap();
    let row = client
        .query_one(
            "SELECT id, document_id FROM tasks WHERE document_id IS NOT NULL AND state = 'ready' LIMIT 1",
            &[],
        )
        .await
        .unwrap();
    let (task, document) = (row.get("id"), row.get("document_id"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/inspect");
    let mut looked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let statement = format!("EXPLAIN (FORMAT JSON) {}", std::fs::read_to_string(&path).unwrap());
        let asked = params(&name, task, document).unwrap_or_else(|| panic!("{name}.sql is not looked at here"));
        for params in asked {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| &**param).collect();
            let row = client
                .query_one(&statement, &params)
                .await
                .unwrap_or_else(|e| panic!("{name}: {e:?}"));
            let plan: Value = row.get(0);
            let mut found = Vec::new();
            scanned(&plan[0]["Plan"], &mut found);
            found.retain(|table| table == "tasks" || table == "attempts");
            assert!(found.is_empty(), "{name} reads all of {found:?}: {plan:#}");
            looked += 1;
        }
    }
    assert!(looked > 18, "{looked} statements were looked at");
}
