//! Runs the worker of `examples/` like a developer would.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use broker::{Broker, NewTask, TaskRow};
use fleet_tests::{Services, binary, wait_for};
use queue_schema::State;
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::Command;
use worker_greet::Greet;

async fn ended(broker: &Broker, name: &str) -> TaskRow {
    let greet = Greet { name: name.into() };
    let task = NewTask::new(&greet).unwrap();
    let id = task.id();
    let client = broker.pool().get().await.unwrap();
    let woken = broker.enqueue(&**client, &[task]).await.unwrap();
    broker.wake().push_or_leave(&woken).await;
    wait_for("the task to end", async || {
        let task = broker.task(id).await.unwrap()?.task;
        task.state.is_terminal().then_some(task)
    })
    .await
}

#[tokio::test]
async fn the_example_greets() {
    let home = Services::shared().database();
    let broker = Broker::open(&home.settings(), Arc::new(())).await.unwrap();
    let mut worker = Command::new(binary("worker-greet"));
    let worker = worker.envs(home.env()).stdin(Stdio::null()).stderr(Stdio::null());
    let _worker = worker.kill_on_drop(true).spawn().unwrap();

    assert_eq!(ended(&broker, "Ada").await.state, State::Done);
    let greetings = broker.audit(Some("Ada"), None, 2).await.unwrap();
    assert_eq!(greetings.len(), 1);
    assert_eq!(greetings[0].detail["greeting"], "Hello, Ada!");

    let refused = ended(&broker, " ").await;
    assert_eq!(refused.state, State::Dead);
    assert_eq!(refused.message(), Some("there is no name to greet; give one"));
}
