//! Shared by all three modes: start the fleet, submit work, wait for its end, check everything.

use crate::account::Account;
use crate::fleet::{Fleet, PATIENCE, Shape};
use crate::ledger::{Ledger, Wrong};
use crate::load::Load;
use crate::oracle::{self, Oracle};
use crate::watch::watch;
use anyhow::{Context, Result};
use broker::Broker;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

pub struct Site {
    pub fleet: Arc<Fleet>,
    pub broker: Broker,
    pub ledger: Arc<Ledger>,
    pub load: Load,
    watch: JoinHandle<()>,
}

impl Site {
    pub async fn open(shape: Shape, seed: u64, lease: Duration) -> Result<Site> {
        let fleet = Arc::new(Fleet::up(shape, lease).await?);
        let broker = Broker::open(&fleet.settings()?, Arc::new(())).await?;
        let client = broker.pool().get().await?;
        client
            .batch_execute("CREATE TABLE effects (task uuid NOT NULL)")
            .await?;
        drop(client);
        let ledger = Arc::new(Ledger::default());
        let watch = tokio::spawn(watch(broker.clone(), ledger.clone()));
        let load = Load {
            fleet: fleet.clone(),
            broker: broker.clone(),
            ledger: ledger.clone(),
            seed,
            enough: CancellationToken::new(),
            over: CancellationToken::new(),
        };
        Ok(Site {
            fleet,
            broker,
            ledger,
            load,
            watch,
        })
    }

    /// Submits mixed work, until [`Load::enough`].
    pub fn bring(&self) -> JoinSet<Result<()>> {
        let mut loads = JoinSet::new();
        loads.spawn(self.load.clone().documents());
        loads.spawn(self.load.clone().tasks());
        loads
    }

    /// Stops the load, and waits until all accepted work has ended. Work that does not end is stuck.
    pub async fn quiet(&self, mut loads: JoinSet<Result<()>>) -> Result<()> {
        self.load.enough.cancel();
        match tokio::time::timeout(PATIENCE, ended(&mut loads)).await {
            Ok(brought) => brought?,
            Err(_) => {
                self.load.over.cancel();
                ended(&mut loads).await?;
            }
        }
        oracle::quiet(&self.ledger, &self.broker).await;
        Ok(())
    }

    /// Runs the checks of every mode. `None`: the fleet does not answer.
    pub async fn check(&self, account: &mut Account) -> Option<Oracle<'_>> {
        if let Some(last_words) = self.fleet.last_words() {
            let story = format!("docfleet up ended by itself; it last said\n{last_words}");
            self.ledger.find(Wrong::Stuck, story);
            return None;
        }
        let asked = async {
            let oracle = Oracle::ask(&self.ledger, &self.broker).await?;
            oracle.check();
            oracle.check_results(&self.broker, &self.fleet).await?;
            anyhow::Ok(oracle)
        };
        match asked.await {
            Ok(oracle) => {
                account.of_work(&oracle);
                Some(oracle)
            }
            Err(error) => {
                self.ledger
                    .find(Wrong::Stuck, format!("the fleet does not answer: {error:#}"));
                None
            }
        }
    }

    /// Stops the fleet. Processes that are left are a violation. Keeps the folder if there was any violation.
    pub async fn close(self, account: &mut Account) -> Result<()> {
        self.watch.abort();
        let _ = self.watch.await;
        let Site {
            fleet, ledger, load, ..
        } = self;
        drop(load);
        let fleet = Arc::into_inner(fleet).context("the fleet is still in use")?;
        let keep = !ledger.findings().is_empty();
        for process in fleet.stop(keep).await? {
            ledger.find(Wrong::LeftOver, process);
        }
        account.close(&ledger);
        Ok(())
    }
}

async fn ended(loads: &mut JoinSet<Result<()>>) -> Result<()> {
    while let Some(load) = loads.join_next().await {
        load??;
    }
    Ok(())
}
