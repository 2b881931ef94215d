//! Model test: after any sequence of events the tasks are in the states of an in-memory model, and the invariants hold.

mod world;

use crate::support::Fleet;
use fleet_tests::Services;
use proptest::prelude::*;
use proptest::sample::Index;
use queue_schema::Outcome;
use std::sync::Arc;
use world::World;

/// An event. Runs and tasks are picked among all that ever existed, so that runs which have ended also act.
#[derive(Debug, Clone)]
pub enum Event {
    Enqueue {
        flow: u8,
        urgent: bool,
        key: Option<u8>,
        later: bool,
    },
    /// A claim by polling.
    Claim,
    ClaimWoken,
    Renew(Index),
    /// A lease expires.
    Expire(Index),
    Reap,
    Complete(Index),
    End(Index, Outcome),
    Cancel(Index),
    /// All scheduled tasks become due and are released.
    Release,
    FlushRedis,
    Reconcile,
    Pause,
    Resume,
    /// No process reached Postgres for a long time.
    Outage,
    /// The outage is long over.
    OutageOver,
}

fn event() -> impl Strategy<Value = Event> {
    let which = any::<Index>;
    let outcome = prop::sample::select(
        Outcome::ALL
            .iter()
            .copied()
            .filter(|o| !matches!(o, Outcome::Done | Outcome::WorkerLost))
            .collect::<Vec<_>>(),
    );
    let key = prop::option::weighted(0.3, 0..3u8);
    prop_oneof![
        6 => (0..3u8, prop::bool::weighted(0.2), key, prop::bool::weighted(0.2))
            .prop_map(|(flow, urgent, key, later)| Event::Enqueue { flow, urgent, key, later }),
        6 => Just(Event::Claim),
        3 => Just(Event::ClaimWoken),
        3 => which().prop_map(Event::Renew),
        3 => which().prop_map(Event::Expire),
        2 => Just(Event::Reap),
        4 => which().prop_map(Event::Complete),
        6 => (which(), outcome).prop_map(|(run, outcome)| Event::End(run, outcome)),
        2 => which().prop_map(Event::Cancel),
        2 => Just(Event::Release),
        1 => Just(Event::FlushRedis),
        1 => Just(Event::Reconcile),
        1 => Just(Event::Pause),
        2 => Just(Event::Resume),
        1 => Just(Event::Outage),
        1 => Just(Event::OutageOver),
    ]
}

#[test]
fn tasks_are_where_the_model_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ProptestConfig {
        cases: 48,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    };
    // So long that no lease expires by itself.
    let home = Services::shared().database();
    let settings = home.settings_with(&[("LEASE_SECONDS", "3600")]);
    let broker = runtime.block_on(broker::Broker::open(&settings, Arc::new(()))).unwrap();
    let fleet = Fleet {
        home,
        broker,
        worker: uuid::Uuid::now_v7(),
    };
    proptest!(config, |(events in prop::collection::vec(event(), 1..80))| {
        runtime.block_on(async {
            let mut world = World::new(&fleet).await;
            for event in &events {
                world.happens(event).await;
                world.agrees().await;
            }
            world.comes_to_rest().await;
        });
    });
}
