//! Tests with the real servers: started, killed, restarted, stopped.

use super::{Account, Place, Postgres, Redis};
use crate::data_dir::DataDir;
use crate::fleet::Part;
use crate::proc;
use rustix::process::{Pid, Signal, geteuid, kill_process};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const GRACE: Duration = Duration::from_secs(60);
const BEAT: Duration = Duration::from_millis(10);

/// A data folder that the servers' user can reach, even when we are root.
fn data() -> (TempDir, DataDir) {
    let tmp = tempfile::tempdir().unwrap();
    fs::set_permissions(tmp.path(), Permissions::from_mode(0o711)).unwrap();
    let data = DataDir::open(&tmp.path().join("data")).unwrap();
    (tmp, data)
}

/// Waits until the server runs as a process other than `before`.
async fn runs_anew(find: impl Fn() -> Option<Pid>, before: Pid) {
    while find().is_none_or(|pid| pid == before) {
        tokio::time::sleep(BEAT).await;
    }
}

fn postmaster(place: &Place) -> Option<Pid> {
    let text = fs::read_to_string(place.cluster.join("postmaster.pid")).ok()?;
    Pid::from_raw(text.lines().next()?.parse().ok()?)
}

fn redis_server(place: &Place) -> Option<Pid> {
    proc::marked("redis-server", place.run.to_str()?).pop()
}

fn kill(pid: Pid) {
    kill_process(pid, Signal::KILL).unwrap();
}

async fn count(url: &str) -> i64 {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let served = tokio::spawn(connection);
    let count = client.query_one("SELECT count(*) FROM kept", &[]).await.unwrap().get(0);
    drop(client);
    served.await.unwrap().unwrap();
    count
}

async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let served = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn both_servers_come_back_after_a_kill() {
    let (_tmp, data) = data();
    let place = Place::find(&data).unwrap();
    let (postgres, redis) = (Postgres::new(place.clone()).unwrap(), Redis::new(place.clone()));
    postgres.ensure_cluster().await.unwrap();
    let (p, r) = (Part::keep(postgres.program()), Part::keep(redis.program()));
    postgres.ready().await.unwrap();
    redis.ready().await.unwrap();
    execute(&postgres.url(), "CREATE TABLE kept AS SELECT 7 AS x").await;

    let killed = (postmaster(&place).unwrap(), redis_server(&place).unwrap());
    kill(killed.0);
    kill(killed.1);
    runs_anew(|| postmaster(&place), killed.0).await;
    runs_anew(|| redis_server(&place), killed.1).await;
    postgres.ready().await.unwrap();
    redis.ready().await.unwrap();
    assert_eq!(count(&postgres.url()).await, 1, "what was committed is there");

    p.stop(GRACE).await;
    r.stop(GRACE).await;
    assert!(
        proc::marked("postgres", &place.tag).is_empty(),
        "no process is left over"
    );
    assert_eq!(redis_server(&place), None);

    // A stale pid file whose process id now belongs to another process: to this one.
    let stale = place.cluster.join("postmaster.pid");
    let text = format!("{}\n{}\n0\n5432\n", std::process::id(), place.cluster.display());
    fs::write(&stale, text).unwrap();
    Account::give(place.account, &stale).unwrap();
    let again = Postgres::new(Place::find(&data).unwrap()).unwrap();
    again.ensure_cluster().await.unwrap();
    let p = Part::keep(again.program());
    again.ready().await.unwrap();
    assert_eq!(count(&again.url()).await, 1);
    p.stop(GRACE).await;
}

/// Runs the test above as a user who is not root.
#[test]
fn an_ordinary_user_can_do_the_same() {
    if !geteuid().is_root() {
        return; // Not root: the test above already covered this.
    }
    let us = std::env::current_exe().unwrap();
    let as_nobody = |program: &std::path::Path| {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
            .arg(program)
            .current_dir("/");
        command
    };
    if !as_nobody(std::path::Path::new("test"))
        .arg("-x")
        .arg(&us)
        .status()
        .unwrap()
        .success()
    {
        println!("skipped: {} is not to be reached by an ordinary user", us.display());
        return;
    }
    let status = as_nobody(&us)
        .args(["--exact", "servers::tests::both_servers_come_back_after_a_kill"])
        .status()
        .unwrap();
    assert!(status.success());
}

/// When the servers' user cannot enter root's data folder, the cluster is made elsewhere and is found again.
#[tokio::test]
async fn a_closed_data_folder_gets_its_cluster_elsewhere() {
    if !geteuid().is_root() {
        return; // An ordinary user's servers run as that user, who can reach the folder.
    }
    let (tmp, data) = data();
    fs::set_permissions(tmp.path(), Permissions::from_mode(0o700)).unwrap();
    let place = Place::find(&data).unwrap();
    assert!(!place.cluster.starts_with(data.path()));
    let postgres = Postgres::new(place.clone()).unwrap();
    postgres.ensure_cluster().await.unwrap();
    assert_eq!(Place::find(&data).unwrap().cluster, place.cluster);
    let p = Part::keep(postgres.program());
    postgres.ready().await.unwrap();
    p.stop(GRACE).await;
    fs::remove_dir_all(place.cluster.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn a_cluster_of_another_user_is_left_alone() {
    let (_tmp, data) = data();
    let place = Place::find(&data).unwrap();
    fs::write(place.cluster.join("PG_VERSION"), "15\n").unwrap();
    let error = Postgres::new(place)
        .unwrap()
        .ensure_cluster()
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("did not make"), "{error}");
}
