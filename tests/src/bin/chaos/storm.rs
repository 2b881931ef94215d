//! Faults by the plan.

use crate::account::Account;
use crate::fleet::Shape;
use crate::ledger::Wrong;
use crate::plan::plan;
use crate::site::Site;
use crate::{faults, resume};
use anyhow::Result;

pub async fn run(seed: u64, seconds: u64, timed: bool) -> Result<Account> {
    let mut account = Account::new(format!("chaos: seed {seed}, {seconds} s"));
    let site = Site::open(Shape::Doubled, seed).await?;
    let loads = site.bring();
    let struck = faults::strike_all(&plan(seed, seconds), &site.fleet, &site.broker).await;
    site.quiet(loads).await?;
    account.of_faults(&struck);
    if let Some(oracle) = site.check(&mut account).await {
        let pauses = resume::pauses(&struck, oracle.tasks.values(), &site.broker).await?;
        account.of_pauses(&pauses);
        let bound = resume::bound().as_secs_f64();
        for pause in pauses.iter().filter(|p| p.seconds > bound) {
            let task = oracle.tasks.get(&pause.task).map(|task| task.story());
            let story = format!(
                "{:.2} s after its worker's death, with {:?} in the way: {}",
                pause.seconds,
                pause.in_the_way,
                task.unwrap_or_default()
            );
            match timed && pause.in_the_way.is_empty() {
                true => site.ledger.find(Wrong::Late, story),
                false => account.notes.push(format!("resumed late, {story}")),
            }
        }
    }
    site.close(&mut account).await?;
    Ok(account)
}
