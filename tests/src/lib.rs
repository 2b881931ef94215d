//! Foundation of the fleet's tests: private real servers, and waits with a limit.
//!
//! ```no_run
//! # async fn test() {
//! let home = fleet_tests::Services::shared().database(); // a fresh database, an empty Redis, an empty storage folder
//! let settings = home.settings_with(&[("LEASE_SECONDS", "2")]);
//! # }
//! ```
//!
//! Functions panic on any error, with a message that says what is missing.

mod binary;
mod browser;
mod data;
mod folder;
mod home;
mod hostile;
mod postgres;
mod process;
mod redis;
mod seed;
mod services;
mod snapshot;
pub mod tools;
pub mod tree;
pub mod trial;
mod wait;

pub use binary::binary;
pub use browser::{Browser, Scheme};
pub use data::data_set;
pub use home::Home;
pub use hostile::REFUSED;
pub use seed::seed;
pub use services::Services;
pub use snapshot::snapshot;
pub use wait::{PATIENCE, follow, wait_for, wait_until};
