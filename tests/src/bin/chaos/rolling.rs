//! Restarts every worker in turn, repeatedly, under load. No task may fail, and no drain may use up an attempt.

use crate::account::Account;
use crate::crew::Member;
use crate::fleet::{PATIENCE, Shape};
use crate::ledger::Wrong;
use crate::site::Site;
use anyhow::{Result, anyhow};
use broker::Broker;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(50);

pub async fn run(seed: u64, lease: Duration, times: u32) -> Result<Account> {
    let mut account = Account::new(
        format!("rolling restarts: {times} times every worker, seed {seed}"),
        lease,
    );
    let site = Site::open(Shape::Ours, seed, lease).await?;
    let loads = site.bring();
    let workers = site.fleet.crew.len();
    for round in 1..=times {
        for n in 0..workers {
            restart(&site, n).await?;
        }
        eprintln!("round {round} of {times}");
    }
    site.quiet(loads).await?;
    if let Some(oracle) = site.check(&mut account).await {
        // Test tasks may fail once and crash by themselves. A document's tasks must not.
        for task in oracle.spoilt().filter(|task| task.document.is_some()) {
            site.ledger.find(Wrong::Unclean, task.story());
        }
    }
    let restarts = times as usize * workers;
    account.notes.push(format!("{restarts} restarts of {workers} workers"));
    site.close(&mut account).await?;
    Ok(account)
}

/// Restarts a worker by SIGTERM. Waits until the old process is registered, as it would not drain otherwise, and then until the
/// new one is.
async fn restart(site: &Site, n: usize) -> Result<()> {
    let member = &site.fleet.crew[n];
    let steps = async {
        let old = known(&site.broker, member).await?;
        member.restart(old).await?;
        known(&site.broker, member).await
    };
    match tokio::time::timeout(PATIENCE, steps).await {
        Ok(restarted) => restarted.map(drop),
        Err(_) => Err(anyhow!("{} was not restarted within {PATIENCE:?}", member.name())),
    }
}

/// The member's process id, once it is registered as a worker.
async fn known(broker: &Broker, member: &Member) -> Result<i32> {
    loop {
        let pid = member.pid().await?;
        if broker.workers().await?.iter().any(|worker| worker.pid == pid) {
            return Ok(pid);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
