//! `docfleet keys add`, `list`, `revoke`

use super::{WHO, store};
use crate::args::{AddKey, Fleet, Keys, RevokeKey};
use crate::output::{self, Cell, Table, Tone, View};
use crate::say;
use anyhow::Result;
use chrono::{DateTime, Utc};
use serde_json::json;
use settings::Settings;
use std::process::ExitCode;
use store::{Key, NewKey};

pub async fn keys(call: &Keys, settings: &Settings) -> Result<ExitCode> {
    match call {
        Keys::Add(args) => add(args, settings).await,
        Keys::List(fleet) => list(fleet, settings).await,
        Keys::Revoke(args) => revoke(args, settings).await,
    }
}

/// Standard output contains only the secret, so that a script can store it.
async fn add(args: &AddKey, settings: &Settings) -> Result<ExitCode> {
    let store = store(&args.fleet, settings).await?;
    let is_first = !store.is_locked().await?;
    let new = NewKey {
        name: args.name.clone(),
        scopes: args.scope.clone(),
        projects: (!args.project.is_empty()).then(|| args.project.clone()),
        expires_at: args.expires.map(|expiry| expiry.0),
    };
    let (key, secret) = store.add_key(&new, WHO).await?;
    if args.fleet.json {
        output::json(&json!({ "key": key, "secret": secret.reveal() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if is_first {
        eprintln!("this is the first key: from now on the gateway and the dashboard serve nobody without one");
    }
    eprintln!("the key {} for {}; it is shown this once:", key.name, scopes(&key));
    say!("{}", secret.reveal());
    Ok(ExitCode::SUCCESS)
}

async fn list(fleet: &Fleet, settings: &Settings) -> Result<ExitCode> {
    let keys = store(fleet, settings).await?.keys().await?;
    View::new(&keys)?.table(table(&keys)).print(fleet.json)?;
    Ok(ExitCode::SUCCESS)
}

fn table(keys: &[Key]) -> Table {
    let mut table =
        Table::new(&["name", "for", "state", "made", "last used", "id"]).spare(&["id", "made", "last used"]);
    for key in keys {
        let day = |at: DateTime<Utc>| at.format("%F").to_string();
        let state = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => Cell::new(format!("revoked {}", day(at)), Tone::Dim),
            (None, Some(at)) if at <= Utc::now() => Cell::new(format!("expired {}", day(at)), Tone::Bad),
            (None, Some(at)) => Cell::new(format!("until {}", day(at)), Tone::Good),
            (None, None) => Cell::new("in force", Tone::Good),
        };
        table.row([
            key.name.as_str().into(),
            scopes(key).into(),
            state,
            day(key.created_at).into(),
            key.last_used_at.map_or("never".into(), day).into(),
            key.id.into(),
        ]);
    }
    table
}

fn scopes(key: &Key) -> String {
    let names: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    names.join(",")
}

async fn revoke(args: &RevokeKey, settings: &Settings) -> Result<ExitCode> {
    let key = store(&args.fleet, settings).await?.revoke_key(&args.key, WHO).await?;
    if args.fleet.json {
        output::json(&key)?;
    } else {
        say!("the key {} lets nobody in any more", key.name);
    }
    Ok(ExitCode::SUCCESS)
}
