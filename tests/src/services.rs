use crate::folder::Folder;
use crate::home::Home;
use crate::postgres::Postgres;
use crate::redis::Redis;
use settings::Settings;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A Postgres, a Redis and a folder. They end when this value is dropped, or with the process.
pub struct Services {
    // Dropped in this order: the servers before the folder that contains them.
    postgres: Postgres,
    redis: Redis,
    folder: Folder,
    homes: AtomicU32,
    first: OnceLock<Home>,
}

impl Services {
    /// Starts private servers, for tests that kill them.
    pub fn start() -> Services {
        let folder = Folder::new();
        Services {
            postgres: Postgres::start(&folder),
            redis: Redis::start(&folder),
            folder,
            homes: AtomicU32::new(0),
            first: OnceLock::new(),
        }
    }

    /// The servers that all tests of this process share. Each test uses its own [`Services::database`].
    pub fn shared() -> &'static Services {
        static SHARED: OnceLock<Services> = OnceLock::new();
        SHARED.get_or_init(Services::start)
    }

    /// A new, empty home that is not shared.
    pub fn database(&self) -> Home {
        let number = self.homes.fetch_add(1, Ordering::Relaxed);
        let name = format!("fleet_{number}");
        self.postgres.create(&name);
        Home {
            database_url: self.postgres.url(&name),
            broker_url: self.redis.url(number),
            storage: self.folder.open_to_all(&format!("storage_{number}")),
        }
    }

    /// The home that [`Services::settings`] and [`Services::env`] use.
    pub fn home(&self) -> &Home {
        self.first.get_or_init(|| self.database())
    }

    pub fn settings(&self) -> Settings {
        self.home().settings()
    }

    pub fn settings_with(&self, more: &[(&str, &str)]) -> Settings {
        self.home().settings_with(more)
    }

    /// The environment for a process of the fleet.
    pub fn env(&self) -> Vec<(String, String)> {
        self.home().env()
    }

    /// The temporary folder that contains everything.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn kill_redis(&self) {
        self.redis.kill();
    }

    /// Starts Redis if it is not running. It is empty, because it has no persistence.
    pub fn start_redis(&self) {
        self.redis.run();
    }

    /// Empties the Redis databases of all homes.
    pub fn flush_redis(&self) {
        self.redis.flush();
    }

    /// Simulates a crash: all connections are cut, and nothing is shut down cleanly.
    pub fn kill_postgres(&self) {
        self.postgres.kill();
    }

    /// Starts Postgres if it is not running. Committed data is still there.
    pub fn start_postgres(&self) {
        self.postgres.run();
    }
}
