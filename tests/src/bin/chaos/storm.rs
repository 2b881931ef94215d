//! Faults by the schedule, under load.

use crate::account::Account;
use crate::fleet::Shape;
use crate::ledger::Wrong;
use crate::plan::plan;
use crate::resume::Pauses;
use crate::site::Site;
use crate::{faults, resume};
use anyhow::Result;
use std::time::Duration;

pub async fn run(seed: u64, lease: Duration, seconds: u64, timed: bool) -> Result<Account> {
    let mut account = Account::new(format!("chaos: seed {seed}, {seconds} s"), lease);
    let site = Site::open(Shape::Doubled, seed, lease).await?;
    let loads = site.bring();
    let plan = plan(seed, seconds, lease, timed);
    let struck = faults::strike_all(&plan, timed, &site.fleet, &site.broker).await;
    site.quiet(loads).await?;
    account.of_faults(&struck);
    if let Some(oracle) = site.check(&mut account).await {
        let pauses = resume::pauses(&struck, oracle.tasks.values(), &site.broker).await?;
        let figures = Pauses::of(&pauses, lease);
        let wrong = timed && figures.p99 > figures.bound;
        for pause in pauses.iter().filter(|p| p.seconds > figures.bound) {
            let task = oracle.tasks.get(&pause.task).map(|task| task.story());
            let story = format!("{pause}: {}", task.unwrap_or_default());
            if wrong {
                site.ledger.find(Wrong::Late, story)
            } else {
                account.notes.push(format!("resumed late, {story}"))
            }
        }
        account.pauses = Some(figures);
    }
    site.close(&mut account).await?;
    Ok(account)
}
