//! Redis holds the ids of ready tasks in order of urgency, so that an idle worker learns of new tasks at once. All of it may be
//! lost at any time.

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

/// Added to the time-out of a blocking pop, and covers a new connection, too. A pop that takes longer has failed: a Redis that
/// does not answer must not keep a worker from polling Postgres.
const POP_MARGIN: Duration = Duration::from_millis(500);
/// Time-out of every command but the blocking pop.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a caller waits until Redis has accepted its wake-ups. Longer is not worth it, because the reconciler repeats lost
/// wake-ups.
const COURTESY: Duration = Duration::from_millis(250);

/// Puts wake-ups into Redis.
#[derive(Clone)]
pub struct Wake {
    client: Client,
    manager: ConnectionManager,
    /// Whether the last wake-ups were not delivered, so that an outage is logged once, not for every task.
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

    /// Wakes workers for the ready tasks among `tasks`. Returns how many Redis did not know yet.
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

    /// As [`Wake::push`], but neither fails when Redis is away nor waits long when it is slow: the reconciler repeats wake-ups.
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

    /// Removes the wake-up of a task that was claimed by polling. While a queue is never empty, all its tasks are found by
    /// polling, so nothing would pop their wake-ups. Does not wait for Redis; a wake-up that remains does no harm.
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
    /// [`Error::Setting`] if this Redis may evict wake-ups when its memory is full. A Redis that does not answer is no error.
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

/// Waits for wake-ups, on a connection of its own, because a blocking pop blocks its connection for all other commands.
pub struct Waiter {
    client: Client,
    connection: Option<MultiplexedConnection>,
}

impl Waiter {
    /// Pops the most urgent wake-up of the first queue that has one; `None` after `patience`. A wake-up that is popped and then
    /// lost only delays its task.
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
