//! The dashboard in a real Chromium, by a person's means: look, type, press.

// Clippy knows tests by their attribute, and helpers have none.
#![allow(clippy::unwrap_used)]

mod acting;
mod finding_out;
mod keyboard;
mod signing_in;
#[path = "../dashboard/support.rs"]
#[allow(dead_code, reason = "shared with the tests without a browser")]
mod support;
