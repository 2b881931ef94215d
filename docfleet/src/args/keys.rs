//! `docfleet keys`

use super::Fleet;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use std::str::FromStr;
use store::Scope;

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key; its secret is printed once
    Add(AddKey),
    /// Show every key ever made, those in force first
    List(Fleet),
    /// Revoke a key and its sessions
    Revoke(RevokeKey),
}

#[derive(Debug, Args)]
pub struct AddKey {
    /// Owner; recorded in the audit log
    pub name: String,
    /// upload, read, operate, admin; several with commas
    #[arg(long, value_name = "SCOPE,…", required = true, value_delimiter = ',')]
    pub scope: Vec<Scope>,
    /// Projects to bind it to; it reaches no documents of others, and not the dashboard [default: all]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub project: Vec<String>,
    /// When it ends: in so many days (90d) or at the end of a day, in UTC (2027-12-31) [default: when it is revoked]
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<Expiry>,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct RevokeKey {
    /// The key's name or id
    pub key: String,
    #[command(flatten)]
    pub fleet: Fleet,
}

/// The last second of a day.
const LAST: NaiveTime = NaiveTime::from_hms_opt(23, 59, 59).expect("there is one");

/// The end of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry(pub DateTime<Utc>);

impl FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Expiry, String> {
        let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
        let in_days = days
            .and_then(TimeDelta::try_days)
            .and_then(|days| Utc::now().checked_add_signed(days));
        let on_date = || Some(text.parse::<NaiveDate>().ok()?.and_time(LAST).and_utc());
        let end = in_days.or_else(on_date);
        end.map(Expiry)
            .ok_or_else(|| "give days, such as 90d, or a date, such as 2027-12-31".into())
    }
}
