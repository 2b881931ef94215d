//! Redis: the ids of ready tasks in order of urgency, so that an idle worker learns of work at once. Losable at any time.

use crate::claim::Claimed;
use crate::error::{Error, Result};
use crate::events::WakeFailed;
use crate::task::Enqueued;
use queue_schema::{Queue, State, wake};
use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{AsyncCommands, AsyncConnectionConfig, Client};
use settings::{BROKER_URL, Settings};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use telemetry::Event;
use uuid::Uuid;

/// On top of what a blocking pop waits, a new connection included: a pop is no dead server, and a Redis that says nothing must
/// not keep a worker from looking into Postgres.
const POP_MARGIN: Duration = Duration::from_millis(500);
/// For everything else.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);
/// How long whoever has told of new tasks waits to see it arrive. They may have better things to do, and a wake-up can be left
/// to the reconciler.
const COURTESY: Duration = Duration::from_millis(250);

/// Puts wake-ups into Redis.
#[derive(Clone)]
pub struct Wake {
    client: Client,
    manager: ConnectionManager,
    /// The last wake-ups were not delivered. Said once, not with every task.
    away: Arc<AtomicBool>,
}

impl Wake {
    pub(crate) fn new(settings: &Settings) -> Result<Wake> {
        let url = settings.get(BROKER_URL).ok_or_else(|| Error::Setting {
            name: BROKER_URL.name,
            problem:
                "is not set; give redis://host:port/0, or start the fleet with `docfleet up`, which brings its own"
                    .into(),
        })?;
        let client = Client::open(url).map_err(|e| Error::Setting {
            name: BROKER_URL.name,
            problem: e.to_string(),
        })?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(CONNECTION_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
        Ok(Wake {
            client,
            manager,
            away: Arc::default(),
        })
    }

    /// Tells waiting workers of ready tasks; scheduled ones are passed over. Returns how many were not known to Redis.
    pub async fn push(&self, tasks: &[Enqueued]) -> Result<u64> {
        let mut sets: HashMap<Queue, Vec<(f64, String)>> = HashMap::new();
        for task in tasks.iter().filter(|t| t.state == State::Ready) {
            sets.entry(task.queue)
                .or_default()
                .push((wake::score(task.urgent, task.rank), task.id.to_string()));
        }
        let mut new = 0;
        for (queue, members) in sets {
            let added: u64 = self
                .manager
                .clone()
                .zadd_multiple(wake::ready_key(queue), &members)
                .await?;
            new += added;
        }
        Ok(new)
    }

    /// As [`Wake::push`], for whom a missing Redis is no reason to fail, and a slow one none to wait: the reconciler will do it.
    pub async fn push_or_leave(&self, tasks: &[Enqueued]) {
        if !tasks.iter().any(|t| t.state == State::Ready) {
            return;
        }
        let (wake, tasks) = (self.clone(), tasks.to_vec());
        let push = tokio::spawn(async move { wake.push_and_tell(&tasks).await });
        if !self.away.load(Ordering::Relaxed) {
            let _ = tokio::time::timeout(COURTESY, push).await;
        }
    }

    async fn push_and_tell(&self, tasks: &[Enqueued]) {
        let pushed = self.push(tasks).await;
        let was_away = self.away.swap(pushed.is_err(), Ordering::Relaxed);
        match pushed {
            Err(error) => WakeFailed {
                error: &error,
                first: !was_away,
            }
            .emit(),
            Ok(_) if was_away => tracing::info!("wake-ups are delivered again"),
            Ok(_) => {}
        }
    }

    /// Takes back the wake-up of a task that was found without it: nobody pops those of a queue that never runs dry. Waits for
    /// nothing, and one that stays does no harm.
    pub(crate) fn forget(&self, claimed: &Claimed) {
        if self.away.load(Ordering::Relaxed) {
            return;
        }
        let (mut manager, key, id) = (
            self.manager.clone(),
            wake::ready_key(claimed.queue),
            claimed.id.to_string(),
        );
        tokio::spawn(async move {
            let _ = manager.zrem::<_, _, ()>(key, id).await;
        });
    }

    pub fn waiter(&self) -> Waiter {
        Waiter {
            client: self.client.clone(),
            connection: None,
        }
    }

    /// # Errors
    /// [`Error::Setting`], where this Redis may throw wake-ups away to make room. One that cannot be asked is left be.
    pub(crate) async fn check_eviction(&self) -> Result<()> {
        let mut info = redis::cmd("INFO");
        info.arg("memory");
        let asked = info.query_async::<String>(&mut self.manager.clone()).await;
        let Ok(memory) = asked else { return Ok(()) };
        let policy = memory.lines().find_map(|line| line.strip_prefix("maxmemory_policy:"));
        match policy.map(str::trim) {
            None | Some("noeviction") => Ok(()),
            Some(policy) => Err(Error::Setting {
                name: BROKER_URL.name,
                problem: format!(
                    "this Redis may throw waiting tasks' wake-ups away when its memory is full (maxmemory-policy is \
                     {policy}); run `redis-cli CONFIG SET maxmemory-policy noeviction`, set the same in redis.conf, or \
                     give docfleet a Redis of its own"
                ),
            }),
        }
    }

    /// How many wake-ups of each queue wait in Redis.
    pub async fn counts(&self) -> Result<HashMap<Queue, i64>> {
        let mut pipeline = redis::pipe();
        for queue in Queue::ALL {
            pipeline.zcard(wake::ready_key(*queue));
        }
        let counts: Vec<i64> = pipeline.query_async(&mut self.manager.clone()).await?;
        Ok(Queue::ALL.iter().copied().zip(counts).collect())
    }

    pub async fn ping(&self) -> Result<()> {
        Ok(redis::cmd("PING").query_async(&mut self.manager.clone()).await?)
    }
}

/// Waits for wake-ups, on a connection of its own: a blocking pop holds up whatever shares its connection.
pub struct Waiter {
    client: Client,
    connection: Option<MultiplexedConnection>,
}

impl Waiter {
    /// The most urgent wake-up of the first queue that has one, or `None` after `patience`. The wake-up is gone with it:
    /// who drops it loses nothing but time.
    pub async fn next(&mut self, queues: &[Queue], patience: Duration) -> Result<Option<Uuid>> {
        let popped = tokio::time::timeout(patience + POP_MARGIN, self.pop(queues, patience)).await;
        let popped = popped.unwrap_or_else(|_| Err(Error::other("Redis said nothing in time")));
        if popped.is_err() {
            self.connection = None;
        }
        popped
    }

    async fn pop(&mut self, queues: &[Queue], patience: Duration) -> Result<Option<Uuid>> {
        let keys: Vec<String> = queues.iter().map(|q| wake::ready_key(*q)).collect();
        let connection = match &mut self.connection {
            Some(connection) => connection,
            empty => {
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(Some(CONNECTION_TIMEOUT))
                    .set_response_timeout(None);
                empty.insert(
                    self.client
                        .get_multiplexed_async_connection_with_config(&config)
                        .await?,
                )
            }
        };
        let popped: Option<(String, String, f64)> = connection.bzpopmin(keys, patience.as_secs_f64()).await?;
        Ok(popped.and_then(|(_, id, _)| id.parse().ok()))
    }
}
