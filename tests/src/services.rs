use crate::folder::Folder;
use crate::home::Home;
use crate::postgres::Postgres;
use crate::redis::Redis;
use settings::Settings;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A Postgres, a Redis and a folder. They end with this value, and with the process at the latest.
pub struct Services {
    // Dropped in this order: the servers before the folder they stand in.
    postgres: Postgres,
    redis: Redis,
    folder: Folder,
    homes: AtomicU32,
    first: OnceLock<Home>,
}

impl Services {
    /// Starts servers of one's own: for tests that kill them.
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

    /// The servers that all tests of this process share; each test has a [`Services::database`] of its own there.
    pub fn shared() -> &'static Services {
        static SHARED: OnceLock<Services> = OnceLock::new();
        SHARED.get_or_init(Services::start)
    }

    /// A home that is empty and stays one's own.
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

    /// The home that [`Services::settings`] and [`Services::env`] mean.
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

    /// The temporary folder that everything stands in.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn kill_redis(&self) {
        self.redis.kill();
    }

    /// Does nothing where it runs. An empty one: Redis keeps nothing here.
    pub fn start_redis(&self) {
        self.redis.run();
    }

    /// Empties all of it, of every home.
    pub fn flush_redis(&self) {
        self.redis.flush();
    }

    /// As a crash: every connection is cut, nothing is put in order.
    pub fn kill_postgres(&self) {
        self.postgres.kill();
    }

    /// Does nothing where it runs. What was committed is still there.
    pub fn start_postgres(&self) {
        self.postgres.run();
    }
}
