//! The HTTP server code that the gateway and the dashboard share: listening, access checks, errors as problems, pages, and
//! graceful shutdown.

pub mod access;
pub mod assets;
pub mod caching;
pub mod cors;
pub mod docs;
mod events;
pub mod fallback;
pub mod guard;
pub mod linger;
pub mod listen;
pub mod observe;
pub mod page;
pub mod params;
pub mod parts;
pub mod problem;
mod proxies;
pub mod query;
pub mod serve;
pub mod slots;
pub mod words;

pub use access::{Access, Who};
pub use events::METRICS;
pub use guard::Guard;
pub use params::{Params, path_name};
pub use problem::{Problem, Result};
pub use proxies::Proxies;
pub use serve::{Grace, serve};
