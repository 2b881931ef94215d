//! Types of settings: what the text must look like, and the value that it is parsed to.

use ipnet::IpNet;
use std::net::IpAddr;
use std::time::Duration;

pub trait Kind: Send + Sync + 'static {
    type Value<'a>;

    /// Parses the value. `None`: the text is invalid.
    fn parse<'a>(&self, text: &'a str) -> Option<Self::Value<'a>>;

    /// What the text must be; follows the setting's name in an error.
    fn expects(&self) -> String;

    /// Placeholder for the value in a command's help.
    fn value_name(&self) -> &'static str;

    /// Whether a value may contain a password.
    const IS_URL: bool = false;
}

/// Any text.
#[derive(Debug, Clone, Copy)]
pub struct Text;

impl Kind for Text {
    type Value<'a> = &'a str;

    fn parse<'a>(&self, text: &'a str) -> Option<&'a str> {
        Some(text)
    }

    fn expects(&self) -> String {
        "is not text".into()
    }

    fn value_name(&self) -> &'static str {
        "TEXT"
    }
}

/// Any text, or none.
#[derive(Debug, Clone, Copy)]
pub struct Optional;

impl Kind for Optional {
    type Value<'a> = Option<&'a str>;

    fn parse<'a>(&self, text: &'a str) -> Option<Option<&'a str>> {
        Some(given(text))
    }

    fn expects(&self) -> String {
        Text.expects()
    }

    fn value_name(&self) -> &'static str {
        Text.value_name()
    }
}

/// Comma-separated texts.
#[derive(Debug, Clone, Copy)]
pub struct List;

impl Kind for List {
    type Value<'a> = Vec<&'a str>;

    fn parse<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        Some(parts(text).collect())
    }

    fn expects(&self) -> String {
        Text.expects()
    }

    fn value_name(&self) -> &'static str {
        Text.value_name()
    }
}

/// Seconds, fractions allowed, above zero.
#[derive(Debug, Clone, Copy)]
pub struct Seconds;

impl Kind for Seconds {
    type Value<'a> = Duration;

    fn parse(&self, text: &str) -> Option<Duration> {
        let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0)?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    fn expects(&self) -> String {
        "must be a number of seconds above zero".into()
    }

    fn value_name(&self) -> &'static str {
        "SECONDS"
    }
}

/// A whole number, with its minimum.
#[derive(Debug, Clone, Copy)]
pub struct Number(pub u64);

impl Kind for Number {
    type Value<'a> = u64;

    fn parse(&self, text: &str) -> Option<u64> {
        text.parse().ok().filter(|number| *number >= self.0)
    }

    fn expects(&self) -> String {
        format!("must be a whole number of at least {}", self.0)
    }

    fn value_name(&self) -> &'static str {
        "N"
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Bool;

impl Kind for Bool {
    type Value<'a> = bool;

    fn parse(&self, text: &str) -> Option<bool> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    fn expects(&self) -> String {
        "must be true or false".into()
    }

    fn value_name(&self) -> &'static str {
        "true|false"
    }
}

/// One of these words.
#[derive(Debug, Clone, Copy)]
pub struct OneOf(pub &'static [&'static str]);

impl Kind for OneOf {
    type Value<'a> = &'static str;

    fn parse(&self, text: &str) -> Option<&'static str> {
        self.0.iter().copied().find(|word| *word == text)
    }

    fn expects(&self) -> String {
        format!("must be one of {}", self.0.join(", "))
    }

    fn value_name(&self) -> &'static str {
        "WORD"
    }
}

/// `scheme://…` with one of these schemes, or empty.
#[derive(Debug, Clone, Copy)]
pub struct Url(pub &'static [&'static str]);

impl Kind for Url {
    type Value<'a> = Option<&'a str>;

    fn parse<'a>(&self, text: &'a str) -> Option<Option<&'a str>> {
        let fits = |url: &str| {
            url.split_once("://")
                .is_some_and(|(scheme, _)| self.0.contains(&scheme))
        };
        match given(text) {
            Some(url) if !fits(url) => None,
            url => Some(url),
        }
    }

    fn expects(&self) -> String {
        let schemes: Vec<_> = self.0.iter().map(|scheme| format!("{scheme}://")).collect();
        format!("must start with {}", schemes.join(" or "))
    }

    fn value_name(&self) -> &'static str {
        "URL"
    }

    const IS_URL: bool = true;
}

/// `address:port`.
#[derive(Debug, Clone, Copy)]
pub struct Address;

impl Kind for Address {
    type Value<'a> = &'a str;

    fn parse<'a>(&self, text: &'a str) -> Option<&'a str> {
        let (host, port) = text.rsplit_once(':')?;
        (!host.is_empty() && port.parse::<u16>().is_ok()).then_some(text)
    }

    fn expects(&self) -> String {
        "must be address:port, such as 127.0.0.1:8080".into()
    }

    fn value_name(&self) -> &'static str {
        "ADDRESS:PORT"
    }
}

/// Comma-separated networks. A single address counts as a network.
#[derive(Debug, Clone, Copy)]
pub struct Networks;

impl Kind for Networks {
    type Value<'a> = Vec<IpNet>;

    fn parse(&self, text: &str) -> Option<Vec<IpNet>> {
        let network = |part: &str| {
            let address = || Some(IpNet::from(part.parse::<IpAddr>().ok()?));
            part.parse().ok().or_else(address)
        };
        parts(text).map(network).collect()
    }

    fn expects(&self) -> String {
        "must be addresses or networks joined by commas, such as 127.0.0.1,10.0.0.0/8".into()
    }

    fn value_name(&self) -> &'static str {
        "NETWORK,…"
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}
