use broker::Broker;
use fleet_tests::Services;
use queue_schema::Queue;
use queue_schema::schedule::{self, Misfire, Schedule};
use scheduler::{Duty, Fire};
use std::sync::Arc;

const NAME: &str = "test";

fn hourly(misfire: Misfire) -> Schedule {
    Schedule {
        name: NAME,
        cron: "0 * * * *",
        misfire,
        queue: Queue::Maintenance,
        kind: "test",
        payload: || Some(serde_json::json!({})),
    }
}

struct Fleet {
    broker: Broker,
    settings: settings::Settings,
}

impl Fleet {
    async fn new() -> Fleet {
        let settings = Services::shared().database().settings();
        let broker = Broker::open(&settings, Arc::new(())).await.unwrap();
        Fleet { broker, settings }
    }

    fn scheduler(&self, misfire: Misfire) -> Fire {
        Fire::new(self.broker.clone(), &self.settings, &[hourly(misfire)]).unwrap()
    }

    async fn sql(&self, statement: &str) {
        let client = self.broker.pool().get().await.unwrap();
        client.batch_execute(statement).await.unwrap();
    }

    /// Firings and tasks so far.
    async fn so_far(&self) -> (i64, i64) {
        let client = self.broker.pool().get().await.unwrap();
        let count = "SELECT (SELECT count(*) FROM schedule_fires), (SELECT count(*) FROM tasks)";
        let row = client.query_one(count, &[]).await.unwrap();
        (row.get(0), row.get(1))
    }
}

const THREE_HOURS_OF_SILENCE: &str =
    "UPDATE schedules SET last_fire = date_trunc('hour', now()) - interval '3 hours' - interval '1 minute'";

#[tokio::test]
async fn a_new_schedule_makes_up_for_nothing() {
    let fleet = Fleet::new().await;
    assert_eq!(fleet.scheduler(Misfire::Once).round().await.unwrap().done, 0);
    assert_eq!(fleet.so_far().await, (0, 0));
}

#[tokio::test]
async fn many_schedulers_at_once_fire_each_moment_once() {
    let fleet = Fleet::new().await;
    let mut first = fleet.scheduler(Misfire::All { most: 3 });
    first.round().await.unwrap();
    fleet.sql(THREE_HOURS_OF_SILENCE).await;
    let rounds: Vec<_> = (0..6)
        .map(|_| {
            let mut scheduler = fleet.scheduler(Misfire::All { most: 3 });
            tokio::spawn(async move { scheduler.round().await.unwrap().done })
        })
        .collect();
    let mut done = 0;
    for round in rounds {
        done += round.await.unwrap();
    }
    assert_eq!((done, fleet.so_far().await), (3, (3, 3)));
    assert_eq!(first.round().await.unwrap().done, 0);
}

#[tokio::test]
async fn a_restart_makes_up_for_one() {
    let fleet = Fleet::new().await;
    fleet.scheduler(Misfire::Once).round().await.unwrap();
    fleet.sql(THREE_HOURS_OF_SILENCE).await;
    assert_eq!(fleet.scheduler(Misfire::Once).round().await.unwrap().done, 1);
    assert_eq!(fleet.scheduler(Misfire::Once).round().await.unwrap().done, 0);
}

#[tokio::test]
async fn a_clock_that_was_wrong_stops_no_schedule() {
    let fleet = Fleet::new().await;
    let mut scheduler = fleet.scheduler(Misfire::Once);
    scheduler.round().await.unwrap();
    fleet
        .sql("UPDATE schedules SET last_fire = now() + interval '4 years'")
        .await;
    scheduler.round().await.unwrap();
    let last = fleet.broker.last_fire(NAME).await.unwrap();
    assert!(last.at <= last.now);
    fleet.sql(THREE_HOURS_OF_SILENCE).await;
    assert_eq!(scheduler.round().await.unwrap().done, 1);
    // The clock goes back to before a firing. That time comes again, but its row shows that it was fired.
    fleet.sql(THREE_HOURS_OF_SILENCE).await;
    assert_eq!(scheduler.round().await.unwrap().done, 0);
    assert_eq!(fleet.so_far().await, (1, 1));
}

#[tokio::test]
async fn a_schedule_that_is_switched_off_is_silent_and_stays_so_about_that_time() {
    let fleet = Fleet::new().await;
    let mut scheduler = fleet.scheduler(Misfire::Once);
    scheduler.round().await.unwrap();
    fleet.sql(THREE_HOURS_OF_SILENCE).await;
    fleet.sql("UPDATE schedules SET enabled = false").await;
    assert_eq!(scheduler.round().await.unwrap().done, 0);
    fleet.sql("UPDATE schedules SET enabled = true").await;
    assert_eq!(scheduler.round().await.unwrap().done, 0);
}

#[tokio::test]
async fn the_table_can_be_read_and_a_wrong_zone_is_named() {
    let fleet = Fleet::new().await;
    Fire::new(fleet.broker.clone(), &fleet.settings, schedule::ALL).unwrap();
    let wrong = Services::shared()
        .database()
        .settings_with(&[("TIME_ZONE", "Middle/Earth")]);
    let error = Fire::new(fleet.broker.clone(), &wrong, &[]).err().unwrap();
    assert!(error.to_string().contains("TIME_ZONE=\"Middle/Earth\""), "{error}");
}
