//! A row of the table, with its type and without.

use crate::kind::Kind;
use std::fmt;

/// A setting whose value is a `K::Value`.
#[derive(Debug, Clone, Copy)]
pub struct Setting<K> {
    pub name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) secret: bool,
    /// What it does, with its unit.
    pub(crate) help: &'static str,
    pub(crate) kind: K,
}

impl<K> fmt::Display for Setting<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A setting of any type, for what treats all alike.
pub trait Entry: Send + Sync {
    fn name(&self) -> &'static str;
    fn default(&self) -> &'static str;
    fn help(&self) -> &'static str;
    /// Neither taken from a command line nor shown.
    fn is_secret(&self) -> bool;
    /// A value may hold a password within.
    fn is_url(&self) -> bool;
    fn value_name(&self) -> &'static str;
    /// What is wrong with this text, if anything.
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
