//! The inner process: starts the servers, then everything that needs them. Keeps all processes alive and stops them in order.

use super::address::{free_address, url_of};
use super::plan::{Environment, Options, Plan};
use super::{CANNOT_START, Part, samples};
use crate::client::Gateway;
use crate::data_dir::{DataDir, Record};
use crate::say;
use crate::servers::{Account, Place, Postgres, Redis, storage_url};
use anyhow::{Result, bail};
use boot::Shutdown;
use chrono::Utc;
use futures_util::future::{join_all, select_all};
use rustix::fs::Mode;
use rustix::process::umask;
use settings::{
    API_KEY, BIND, BROKER_URL, DATABASE_FOLDER, DATABASE_URL, DRAIN_SECONDS, STORAGE_URL, Setting, Settings, Url,
};
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Longest time from the start of the servers until uploads are accepted.
const START: Duration = Duration::from_secs(120);
const BEAT: Duration = Duration::from_millis(50);
/// If a process ends this often before the fleet is ready, the start has failed.
const TRIES: u32 = 3;
/// Extra time for a worker to end, beyond the time that its tasks are given.
const MARGIN: Duration = Duration::from_secs(10);
const SERVICES: Duration = Duration::from_secs(15);
/// Time for a server to end. Postgres writes a checkpoint first.
const SERVERS: Duration = Duration::from_secs(60);

/// Runs a fleet until it is told to stop.
pub fn run(options: &Options, settings: &Settings) -> Result<ExitCode> {
    let data = DataDir::open(&options.data)?;
    let Some(_lock) = data.lock()? else {
        tracing::error!("another fleet has just begun to run on {}", data.path().display());
        return Ok(ExitCode::from(CANNOT_START));
    };
    data.remove_record();
    // Single-threaded, because the kernel ties the life of child processes to the thread that started them.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let shutdown = Shutdown::listen()?;
        // With a handler, SIGHUP no longer ends this process: the fleet survives when its front was killed and the terminal
        // closes.
        let _hangup = signal(SignalKind::hangup())?;
        let mut fleet = Fleet::default();
        let started = tokio::select! {
            started = fleet.start(options, settings, &data) => started,
            () = shutdown.drain.cancelled() => Ok(()),
        };
        let code = match started {
            Ok(()) => {
                shutdown.drain.cancelled().await;
                ExitCode::SUCCESS
            }
            Err(error) => {
                tracing::error!("the fleet could not start: {error:#}");
                ExitCode::from(CANNOT_START)
            }
        };
        data.remove_record();
        fleet.stop(settings.get(DRAIN_SECONDS), &shutdown).await;
        Ok(code)
    })
}

/// The running processes, in the order in which they start.
#[derive(Default)]
struct Fleet {
    servers: Vec<Part>,
    services: Vec<Part>,
    workers: Vec<Part>,
}

/// The private servers. Empty for a server that the operator provides.
#[derive(Default)]
struct Own {
    database_url: Option<String>,
    database_folder: Option<String>,
    broker_url: Option<String>,
}

impl Fleet {
    async fn start(&mut self, options: &Options, settings: &Settings, data: &DataDir) -> Result<()> {
        let bind = free_address("gateway", settings.get(BIND), "--bind")?;
        let mut environment: Environment = settings.given().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        let private = |setting: Setting<Url>| settings.get(setting).is_none();
        let place = if private(DATABASE_URL) || private(BROKER_URL) {
            Some(Place::find(data)?)
        } else {
            None
        };
        let account = match &place {
            Some(place) => place.account,
            None => Account::for_servers(None)?,
        };
        if account.is_some() {
            // The gateway has to read files that workers write as root. The folder around them is closed to all other users.
            umask(Mode::WGRP | Mode::WOTH);
        }
        let storage = storage_url(data, settings, account)?;
        environment.insert(STORAGE_URL.name.into(), storage.clone());
        let own = match place {
            Some(place) => self.start_servers(settings, place).await?,
            None => Own::default(),
        };
        for (name, value) in [
            (DATABASE_URL.name, &own.database_url),
            (DATABASE_FOLDER.name, &own.database_folder),
            (BROKER_URL.name, &own.broker_url),
        ] {
            environment.extend(value.iter().map(|value| (name.to_owned(), value.clone())));
        }

        let plan = Plan::new(options, settings, &environment, &bind.to_string(), account)?;
        self.services = plan.services.into_iter().map(Part::keep).collect();
        self.workers = plan.workers.into_iter().map(Part::keep).collect();
        let gateway = Gateway::new(&url_of(bind), settings.get(API_KEY))?;
        self.wait_ready(&gateway).await?;
        let record = Record {
            pid: std::process::id(),
            gateway: gateway.base().to_owned(),
            dashboard: url_of(plan.dashboard),
            started_at: Utc::now(),
            database_url: own.database_url,
            broker_url: own.broker_url,
            storage_url: storage,
        };
        data.write_record(&record)?;
        announce(&record);
        if let Some(folder) = &options.samples {
            tokio::spawn(samples::process_once(gateway, data.clone(), folder.clone()));
        }
        Ok(())
    }

    /// Starts Postgres and Redis, except those that the operator provides.
    async fn start_servers(&mut self, settings: &Settings, place: Place) -> Result<Own> {
        let private = |setting: Setting<Url>| settings.get(setting).is_none();
        let redis = private(BROKER_URL).then(|| Redis::new(place.clone()));
        if let Some(redis) = &redis {
            self.servers.push(Part::keep(redis.program()));
        }
        let postgres = if private(DATABASE_URL) {
            Some(Postgres::new(place)?)
        } else {
            None
        };
        if let Some(postgres) = &postgres {
            postgres.ensure_cluster().await?;
            self.servers.push(Part::keep(postgres.program()));
        }
        let ready = async {
            if let Some(postgres) = &postgres {
                postgres.ready().await?;
            }
            if let Some(redis) = &redis {
                redis.ready().await?;
            }
            Ok(())
        };
        unless_one_fails(&self.servers, ready).await?;
        Ok(Own {
            database_url: postgres.as_ref().map(Postgres::url),
            database_folder: postgres.map(|postgres| postgres.folder().display().to_string()),
            broker_url: redis.map(|redis| redis.url()),
        })
    }

    async fn wait_ready(&self, gateway: &Gateway) -> Result<()> {
        let ready = async {
            while !gateway.is_ready().await {
                tokio::time::sleep(BEAT).await;
            }
            Ok(())
        };
        let ready = unless_one_fails(self.services.iter().chain(&self.workers), ready);
        tokio::time::timeout(START, ready)
            .await
            .unwrap_or_else(|_| bail!("the gateway is not ready after {} s", START.as_secs()))
    }

    /// Stops in order: the workers, which finish their tasks; then the services, which could enqueue more; then the servers
    /// that all of them use.
    async fn stop(self, drain: Duration, shutdown: &Shutdown) {
        let all = self.workers.iter().chain(&self.services).chain(&self.servers);
        let quick_stops: Vec<_> = all.map(Part::stop_quickly).collect();
        let at_once = shutdown.at_once.clone();
        let hurry = tokio::spawn(async move {
            at_once.cancelled().await;
            quick_stops.into_iter().for_each(|stop| stop());
        });
        stop_all(self.workers, drain + MARGIN).await;
        stop_all(self.services, SERVICES).await;
        stop_all(self.servers, SERVERS).await;
        hurry.abort();
    }
}

async fn stop_all(parts: Vec<Part>, grace: Duration) {
    join_all(parts.into_iter().map(|part| part.stop(grace))).await;
}

/// Waits for `ready`, or fails when one of the parts cannot be kept alive.
async fn unless_one_fails<'a>(
    parts: impl IntoIterator<Item = &'a Part>,
    ready: impl Future<Output = Result<()>>,
) -> Result<()> {
    let failures = parts.into_iter().map(|part| {
        Box::pin(async move {
            part.failed(TRIES).await;
            part.name()
        })
    });
    tokio::select! {
        ready = ready => ready,
        (name, ..) = select_all(failures) => bail!("{name} does not stay alive; its own words are above"),
    }
}

fn announce(record: &Record) {
    say!("docfleet is ready: {}", record.gateway);
    say!("  documents  {}/", record.gateway);
    say!("  API        {}/docs", record.gateway);
    say!("  dashboard  {}/", record.dashboard);
    say!("Ctrl-C (or SIGTERM to process {}) drains and stops it.", record.pid);
}
