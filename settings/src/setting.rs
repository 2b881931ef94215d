//! A row of the table of settings: typed ([`Setting`]) and untyped ([`Entry`]).

use crate::kind::Kind;
use std::fmt;

/// A setting whose value is a `K::Value`.
#[derive(Debug, Clone, Copy)]
pub struct Setting<K> {
    pub name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) secret: bool,
    /// What the setting does, with its unit.
    pub(crate) help: &'static str,
    pub(crate) kind: K,
}

impl<K> fmt::Display for Setting<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A setting whose type does not matter, for code that handles all settings alike.
pub trait Entry: Send + Sync {
    fn name(&self) -> &'static str;
    fn default(&self) -> &'static str;
    fn help(&self) -> &'static str;
    /// Whether the setting is neither read from the command line nor ever shown.
    fn is_secret(&self) -> bool;
    /// Whether a value may contain a password.
    fn is_url(&self) -> bool;
    fn value_name(&self) -> &'static str;
    /// Checks a value. The error says what is wrong with it.
    fn check(&self, text: &str) -> Result<(), String>;
}

impl<K: Kind> Entry for Setting<K> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn default(&self) -> &'static str {
        self.default
    }

    fn help(&self) -> &'static str {
        self.help
    }

    fn is_secret(&self) -> bool {
        self.secret
    }

    fn is_url(&self) -> bool {
        K::IS_URL
    }

    fn value_name(&self) -> &'static str {
        self.kind.value_name()
    }

    fn check(&self, text: &str) -> Result<(), String> {
        match self.kind.parse(text) {
            Some(_) => Ok(()),
            None => Err(self.kind.expects()),
        }
    }
}
