//! Uploads all hostile documents repeatedly, mixed with good ones. The good ones must be done, and no supervisor may grow.

use crate::account::Account;
use crate::catalogue::{Document, hostile, samples};
use crate::fleet::{Shape, processes};
use crate::ledger::{Work, Wrong};
use crate::oracle;
use crate::site::Site;
use anyhow::Result;
use fleet_tests::tree::resident_kib;
use models::rng::SplitMix64;
use std::time::Duration;
use tokio::task::JoinSet;

/// Documents in progress at once.
const MOST: usize = 12;
/// A supervisor may grow after the first round by half its size, plus this.
const SLACK_KIB: u64 = 16 * 1024;

pub async fn run(seed: u64, lease: Duration, times: u32) -> Result<Account> {
    let mut account = Account::new(format!("hostile documents: {times} rounds, seed {seed}"), lease);
    let site = Site::open(Shape::Plain, seed, lease).await?;
    let mut documents: Vec<Document> = hostile()?;
    documents.extend(samples()?);
    let mut dice = SplitMix64::new(seed);
    let http = reqwest::Client::new();
    measure(&mut account);
    for round in 1..=times {
        dice.shuffle(&mut documents);
        for (n, document) in documents.iter().enumerate() {
            while site.ledger.live(Work::Document) >= MOST {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let key = format!("hostile-{round}-{n}");
            site.load.upload(&http, document, &key, false, false).await?;
        }
        oracle::quiet(&site.ledger, &site.broker).await;
        measure(&mut account);
        eprintln!("round {round} of {times}");
    }
    site.quiet(JoinSet::new()).await?;
    drop(site.check(&mut account).await);
    for (name, sizes) in &account.supervisors {
        let (Some(first), Some(last)) = (sizes.get(1), sizes.last()) else {
            continue;
        };
        if *last > first * 3 / 2 + SLACK_KIB {
            let story = format!("{name} from {first} KiB after the first round to {last} KiB");
            site.ledger.find(Wrong::Grown, story);
        }
        if sizes.len() != times as usize + 1 {
            site.ledger
                .find(Wrong::Unclean, format!("{name} was not there all the time"));
        }
    }
    site.close(&mut account).await?;
    Ok(account)
}

fn measure(account: &mut Account) {
    for process in processes() {
        if process.name().starts_with("worker-") && !process.name().ends_with(" child") {
            let name = format!("{} {}", process.name(), process.pid());
            account
                .supervisors
                .entry(name)
                .or_default()
                .extend(resident_kib(process.pid()));
        }
    }
}
