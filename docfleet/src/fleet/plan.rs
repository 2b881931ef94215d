//! The processes of a fleet, and the settings of each.

use super::address::free_address;
use super::{Program, Slots};
use crate::servers::Account;
use anyhow::{Context, Result};
use boot::{DIE_WITH_PARENT, RUN_AS};
use rustix::process::Signal;
use settings::{API_KEY, BIND, DASHBOARD_BIND, METRICS_BIND, Settings, WORKER_SLOTS};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Options of `docfleet up`, beyond the settings.
#[derive(Debug, Clone)]
pub struct Options {
    pub data: PathBuf,
    pub slots: Slots,
    pub samples: Option<PathBuf>,
}

impl Options {
    /// The same options as command-line arguments.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["--data".into(), self.data.clone().into()];
        arguments.extend(["--workers".into(), self.slots.to_string().into()]);
        if let Some(samples) = &self.samples {
            arguments.extend(["--samples".into(), samples.clone().into()]);
        }
        arguments
    }
}

/// Environment variables of a process.
pub type Environment = BTreeMap<String, String>;

/// The processes to run, in two groups. Workers stop first, so that the services still record and show how their last tasks
/// ended.
pub struct Plan {
    pub services: Vec<Program>,
    pub workers: Vec<Program>,
    /// Where the dashboard listens.
    pub dashboard: SocketAddr,
}

impl Plan {
    /// `common` is passed to every process. Of the worker binaries beside our own, those that exist are started. The scheduler,
    /// the gateway and the dashboard are required. `account`: the user that services run as when we are root. Workers stay
    /// root, so that each of their children can run as a user of its own.
    pub fn new(
        options: &Options,
        settings: &Settings,
        common: &Environment,
        gateway: &str,
        account: Option<Account>,
    ) -> Result<Plan> {
        let mut crew = Crew::new(common, settings)?;
        let dashboard = free_address("dashboard", settings.get(DASHBOARD_BIND), "--dashboard-bind")?;
        let own = [
            ("scheduler", None),
            ("api-gateway", Some((BIND.name, gateway.to_owned()))),
            ("dashboard", Some((DASHBOARD_BIND.name, dashboard.to_string()))),
        ];
        let run_as = account.map(|Account { uid, gid }| (RUN_AS, format!("{uid}:{gid}")));
        let mut services = Vec::new();
        for (name, bind) in own {
            let own: Vec<_> = bind.into_iter().chain(run_as.clone()).collect();
            services.push(crew.member(name, &own)?);
        }
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let mut workers = Vec::new();
        for (worker, slots) in options.slots.on(u32::try_from(cores).unwrap_or(1)) {
            let name = worker.binary();
            if slots == 0 {
                continue;
            }
            if !crew.has(&name) {
                tracing::warn!("{name} is not in {}; its queues wait", crew.folder.display());
                continue;
            }
            workers.push(crew.member(&name, &[(WORKER_SLOTS.name, slots.to_string())])?);
        }
        Ok(Plan {
            services,
            workers,
            dashboard,
        })
    }
}

struct Crew<'a> {
    folder: PathBuf,
    common: &'a Environment,
    /// Metrics address of the next process.
    metrics: Option<SocketAddr>,
}

impl<'a> Crew<'a> {
    fn new(common: &'a Environment, settings: &Settings) -> Result<Crew<'a>> {
        let us = std::env::current_exe().context("our own program file was not found")?;
        let metrics = settings.get(METRICS_BIND);
        Ok(Crew {
            folder: us.parent().unwrap_or(Path::new("/")).to_owned(),
            common,
            metrics: metrics
                .map(|given| {
                    let address = given.parse();
                    address.with_context(|| {
                        format!("setting METRICS_BIND={given}: must be IP:port, such as 127.0.0.1:9100")
                    })
                })
                .transpose()?,
        })
    }

    fn has(&self, name: &str) -> bool {
        self.folder.join(name).is_file()
    }

    fn member(&mut self, name: &str, own: &[(&str, String)]) -> Result<Program> {
        let path = self.folder.join(name);
        if !path.is_file() {
            anyhow::bail!(
                "{} was not found; build all of docfleet's programs (make build), they belong into one folder",
                path.display()
            );
        }
        let mut environment = self.common.clone();
        environment.extend(own.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        // Tesseract's own threads slow each other down. It reads this variable only at its start.
        environment.insert("OMP_THREAD_LIMIT".into(), "1".into());
        environment.insert(DIE_WITH_PARENT.into(), std::process::id().to_string());
        if let Some(address) = &mut self.metrics {
            environment.insert(METRICS_BIND.name.into(), address.to_string());
            // With port 0, each process chooses a free port and logs it.
            if address.port() != 0 {
                tracing::info!("metrics of {name}: http://{address}/metrics");
                address.set_port(address.port().saturating_add(1));
            }
        }
        Ok(Program::new(name, Signal::TERM, move || {
            let mut command = Command::new(&path);
            // The operator's API key is only for clients of the gateway.
            command
                .envs(&environment)
                .env_remove(API_KEY.name)
                .stdin(std::process::Stdio::null());
            Ok(command)
        }))
    }
}
