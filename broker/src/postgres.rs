//! Connections to Postgres, and migrations.

use crate::error::{Error, Result};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use queue_schema::migrations;
use refinery::{Migration, Runner};
use settings::{DATABASE_URL, Settings};
use std::ops::Deref;
use std::time::Duration;
use tokio_postgres::{Config, NoTls};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    Full,
    /// `synchronous_commit = off`.
    Hasty,
}

/// How many connections one process may hold in each of its pools.
const POOL_SIZE: usize = 8;
const WAIT: Duration = Duration::from_secs(5);
/// A connection without an answer for so long is considered dead.
const SILENCE: Duration = Duration::from_secs(15);
/// Makes the server end our session when this process has vanished, or was stopped in the middle of a transaction. Until then
/// the session holds its locks.
const UNTIL_WE_ARE_GONE: &str = "-c idle_in_transaction_session_timeout=30s -c tcp_keepalives_idle=15 \
                                 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

/// A pool of connections to `DATABASE_URL`. One connection is made at once, so that a wrong URL is reported at startup.
pub async fn connect(settings: &Settings, durability: Durability) -> Result<Pool> {
    let url = settings.get(DATABASE_URL).ok_or_else(|| Error::Setting {
        name: DATABASE_URL.name,
        problem: "is not set; give postgres://user:password@host:port/name, or start the fleet with `docfleet up`, which brings its own".into(),
    })?;
    let mut config: Config = url.parse().map_err(|e: tokio_postgres::Error| Error::Setting {
        name: DATABASE_URL.name,
        problem: explain(&e),
    })?;
    config
        .connect_timeout(WAIT)
        .application_name("docfleet")
        // Without these, a connection to a server whose machine vanished would wait until the kernel gives up, which takes
        // hours.
        .tcp_user_timeout(SILENCE)
        .keepalives_idle(SILENCE)
        .keepalives_interval(WAIT);
    let given = config.get_options().unwrap_or_default();
    let options = match durability {
        Durability::Full => format!("{given} {UNTIL_WE_ARE_GONE}"),
        Durability::Hasty => format!("{given} {UNTIL_WE_ARE_GONE} -c synchronous_commit=off"),
    };
    config.options(options);
    let manager = Manager::from_config(
        config,
        NoTls,
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let pool = Pool::builder(manager)
        .max_size(POOL_SIZE)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait: Some(WAIT),
            create: Some(WAIT),
            recycle: Some(WAIT),
        })
        .build()
        .map_err(Error::other)?;
    drop(pool.get().await?);
    Ok(pool)
}

/// A connection that returns to its pool only once it has [`Asked::answered`]. One that is dropped during a query may hang for
/// good, and would block its next user.
pub(crate) struct Asked(Option<Object>);

impl Asked {
    pub(crate) async fn of(pool: &Pool) -> Result<Asked> {
        Ok(Asked(Some(pool.get().await?)))
    }

    pub(crate) fn answered(mut self) {
        self.0 = None;
    }
}

impl Deref for Asked {
    type Target = Object;

    fn deref(&self) -> &Object {
        self.0.as_ref().expect("only what has answered is gone")
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // Taken out of the pool and closed.
        drop(self.0.take().map(Object::take));
    }
}

/// Migrates the schema to this build's version, in one process at a time; the others wait and then find it done. If the schema
/// is already up to date, no lock is taken.
///
/// # Errors
/// [`Error::NewerSchema`] if a newer docfleet has upgraded the schema.
pub async fn migrate(pool: &Pool) -> Result<()> {
    const LOCK: i64 = 0x646f_6366_6c65_6574;
    let mut client = pool.get().await?;
    if applied(&client).await? == migrations::newest() {
        return Ok(());
    }
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
    let done = migrate_locked(&mut client).await;
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    done
}

async fn migrate_locked(client: &mut deadpool_postgres::Client) -> Result<()> {
    let known = migrations::newest();
    let found = applied(client).await?;
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    if found < known {
        let all: std::result::Result<Vec<_>, _> = migrations::ALL
            .iter()
            .map(|(name, sql)| Migration::unapplied(name, sql))
            .collect();
        Runner::new(&all?).run_async(&mut ***client).await?;
        tracing::info!(from = found, to = known, "database schema brought up to date");
    }
    Ok(())
}

async fn applied(client: &deadpool_postgres::Client) -> Result<i32> {
    let row = client
        .query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[])
        .await?;
    if !row.get::<_, bool>(0) {
        return Ok(0);
    }
    Ok(client
        .query_one("SELECT coalesce(max(version), 0) FROM refinery_schema_history", &[])
        .await?
        .get(0))
}

/// Formats an error of tokio-postgres with the server's message, which its own `Display` leaves out.
pub fn explain(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => match db.detail() {
            Some(detail) => format!("{} ({}; {detail})", db.message(), db.code().code()),
            None => format!("{} ({})", db.message(), db.code().code()),
        },
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
