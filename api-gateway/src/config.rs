//! The gateway's settings, checked once.

use anyhow::{Context, bail};
use settings::Settings;
use std::collections::HashSet;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

pub const ABOUT: &str = "Accepts documents, reports what becomes of them, and serves the documents page";

/// The settings that the gateway reads.
pub const USES: &[&str] = &[
    "DATABASE_URL",
    "BROKER_URL",
    "STORAGE_URL",
    "BIND",
    "ALLOWED_HOSTS",
    "MAINTENANCE_MODE",
    "MAX_UPLOAD_BYTES",
    "OCR_LANGUAGES",
    "ALWAYS_GENERATE_SANDWICH_PDF",
    "DRAIN_SECONDS",
    "METRICS_BIND",
];

#[derive(Debug, Clone)]
pub struct Config {
    pub bind: SocketAddr,
    /// In lower case, without ports.
    pub allowed_hosts: HashSet<String>,
    pub maintenance: bool,
    pub max_upload_bytes: u64,
    /// How long requests under way may go on once the process is told to stop.
    pub drain: Duration,
}

impl Config {
    /// # Errors
    /// When `BIND` is no address, or one beyond this machine.
    pub fn from_settings(settings: &Settings) -> anyhow::Result<Config> {
        let given = settings.text("BIND");
        let mut addresses = given
            .to_socket_addrs()
            .with_context(|| format!("setting BIND={given}: is no address of this machine"))?;
        let Some(bind) = addresses.next() else {
            bail!("setting BIND={given}: names no address");
        };
        if !bind.ip().is_loopback() {
            bail!(
                "setting BIND={given}: the gateway has no API keys yet, so it answers on this machine only; \
                 give a loopback address such as 127.0.0.1:8080 and put a proxy that asks for a login before it"
            );
        }
        Ok(Config {
            bind,
            allowed_hosts: settings
                .list("ALLOWED_HOSTS")
                .into_iter()
                .map(str::to_ascii_lowercase)
                .collect(),
            maintenance: settings.flag("MAINTENANCE_MODE"),
            max_upload_bytes: settings.number("MAX_UPLOAD_BYTES"),
            drain: settings.seconds("DRAIN_SECONDS"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(bind: &str) -> anyhow::Result<Config> {
        let pairs = [("BIND".to_owned(), bind.to_owned())];
        Config::from_settings(&Settings::from_pairs(pairs, []).unwrap())
    }

    #[test]
    fn loopback_is_accepted() {
        assert!(config("127.0.0.1:0").is_ok());
        assert!(config("[::1]:8080").is_ok());
    }

    #[test]
    fn the_world_is_refused_and_the_setting_named() {
        for bind in ["0.0.0.0:8080", "[::]:8080"] {
            let error = config(bind).unwrap_err().to_string();
            assert!(error.contains("setting BIND"), "{error}");
        }
    }
}
