//! The gateway's settings, validated once.

use boot::Space;
use settings::{
    ALLOWED_HOSTS, ALWAYS_GENERATE_SANDWICH_PDF, BIND, BROKER_URL, DATABASE_FOLDER, DATABASE_URL, DRAIN_SECONDS, Entry,
    MAINTENANCE_MODE, MAX_UPLOAD_BYTES, METRICS_BIND, OCR_LANGUAGES, STORAGE_RESERVE_BYTES, STORAGE_URL, Settings,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub const ABOUT: &str = "Accepts documents, reports what becomes of them, and serves the documents page";

/// Settings that the command line offers as flags. All others are read from the environment.
pub const USES: &[&dyn Entry] = &[
    &DATABASE_URL,
    &BROKER_URL,
    &STORAGE_URL,
    &DATABASE_FOLDER,
    &STORAGE_RESERVE_BYTES,
    &BIND,
    &ALLOWED_HOSTS,
    &MAINTENANCE_MODE,
    &MAX_UPLOAD_BYTES,
    &OCR_LANGUAGES,
    &ALWAYS_GENERATE_SANDWICH_PDF,
    &DRAIN_SECONDS,
    &METRICS_BIND,
];

#[derive(Debug, Clone)]
pub struct Config {
    pub bind: SocketAddr,
    pub maintenance: bool,
    pub max_upload_bytes: u64,
    /// The file systems that uploads, and the files made of them, are written to.
    pub space: Arc<Space>,
    /// How long requests in progress may continue once the process is told to stop.
    pub drain: Duration,
}

impl Config {
    /// # Errors
    /// When `BIND` is no valid address.
    pub fn from_settings(settings: &Settings) -> anyhow::Result<Config> {
        Ok(Config {
            bind: web::listen::address(settings, BIND)?,
            maintenance: settings.get(MAINTENANCE_MODE),
            max_upload_bytes: settings.get(MAX_UPLOAD_BYTES),
            space: Arc::new(Space::of(settings)),
            drain: settings.get(DRAIN_SECONDS),
        })
    }
}
