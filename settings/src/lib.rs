//! Every setting of docfleet in one table: its name, its default, its meaning, and where its value in force came from.
//!
//! Pure: nothing is read but the environment (or the pairs a test hands over). Values are checked when they are read,
//! all of them at once, so that a process with a wrong setting refuses to start and names it.

mod table;

pub use table::{ALL, Kind, Setting};

use ipnet::IpNet;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Default,
    Environment,
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Default => "default",
            Origin::Environment => "environment",
            Origin::Flag => "flag",
        })
    }
}

/// One wrong setting: its name, what was given, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting {name}={given:?}: {problem}; {help}")]
pub struct SettingError {
    pub name: &'static str,
    pub given: String,
    pub problem: String,
    pub help: &'static str,
}

/// All that is wrong with the settings, a line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError(pub Vec<SettingError>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Origin)>,
}

impl Settings {
    /// Reads the process environment. An empty variable counts as unset, as compose files leave them.
    pub fn from_env() -> Result<Settings, SettingsError> {
        Self::from_pairs(std::env::vars(), [])
    }

    /// `flags` win over `env`; names that are not in the table are left alone.
    pub fn from_pairs(
        env: impl IntoIterator<Item = (String, String)>,
        flags: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Settings, SettingsError> {
        let mut values: BTreeMap<_, _> = ALL
            .iter()
            .map(|s| (s.name, (s.default.to_owned(), Origin::Default)))
            .collect();
        let given = env
            .into_iter()
            .map(|(k, v)| (k, v, Origin::Environment))
            .chain(flags.into_iter().map(|(k, v)| (k, v, Origin::Flag)));
        for (name, value, origin) in given.filter(|(_, value, _)| !value.is_empty()) {
            if let Some(slot) = values.get_mut(name.as_str()) {
                *slot = (value, origin);
            }
        }
        let wrong: Vec<_> = ALL
            .iter()
            .filter_map(|setting| {
                let given = &values[setting.name].0;
                setting.kind.check(given).err().map(|problem| SettingError {
                    name: setting.name,
                    given: if setting.secret { "…".into() } else { given.clone() },
                    problem,
                    help: setting.help,
                })
            })
            .collect();
        if wrong.is_empty() {
            Ok(Settings { values })
        } else {
            Err(SettingsError(wrong))
        }
    }

    /// The text of a setting; empty where it is unset and has no default.
    ///
    /// # Panics
    /// When the name is not in the table: a mistake of ours that the first test of the caller shows.
    pub fn text(&self, name: &str) -> &str {
        match self.values.get(name) {
            Some((value, _)) => value,
            None => panic!("setting {name} is not in the table"),
        }
    }

    pub fn optional(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    pub fn number(&self, name: &str) -> u64 {
        self.text(name).parse().unwrap_or_default()
    }

    pub fn seconds(&self, name: &str) -> Duration {
        Duration::try_from_secs_f64(self.text(name).parse().unwrap_or_default()).unwrap_or_default()
    }

    pub fn flag(&self, name: &str) -> bool {
        table::parse_bool(self.text(name)).unwrap_or_default()
    }

    /// The comma-separated parts of a list, trimmed.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.text(name)
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    }

    pub fn networks(&self, name: &str) -> Vec<IpNet> {
        table::parse_networks(self.text(name)).unwrap_or_default()
    }

    pub fn origin(&self, name: &str) -> Origin {
        self.values.get(name).map_or(Origin::Default, |(_, origin)| *origin)
    }

    /// As printable text: secrets, and the passwords within URLs, are hidden.
    pub fn shown(&self, setting: &Setting) -> String {
        let value = self.text(setting.name);
        if setting.secret && !value.is_empty() {
            "…".into()
        } else {
            hide_password(value)
        }
    }

    /// Every setting that was given, as pairs for the environment of a child process of the same fleet.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values
            .iter()
            .filter(|(_, (_, origin))| *origin != Origin::Default)
            .map(|(n, (v, _))| (*n, v.as_str()))
    }
}

/// `scheme://user:password@host` → `scheme://user:…@host`.
pub fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let Some((login, host)) = rest.rsplit_once('@') else {
        return url.to_owned();
    };
    match login.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:…@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_pairs(pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())), [])
    }

    #[test]
    fn defaults_are_valid_and_known_as_defaults() {
        let settings = with(&[]).unwrap();
        assert_eq!(settings.seconds("LEASE_SECONDS"), Duration::from_secs(15));
        assert_eq!(settings.origin("LEASE_SECONDS"), Origin::Default);
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let env = [("LEASE_SECONDS".to_owned(), "20".to_owned())];
        let flags = [("LEASE_SECONDS".to_owned(), "30".to_owned())];
        let settings = Settings::from_pairs(env, flags).unwrap();
        assert_eq!(
            (settings.text("LEASE_SECONDS"), settings.origin("LEASE_SECONDS")),
            ("30", Origin::Flag)
        );
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let wrong = [
            ("LEASE_SECONDS", "soon"),
            ("MAINTENANCE_MODE", "perhaps"),
            ("TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ];
        let error = with(&wrong).unwrap_err().to_string();
        for (name, given) in wrong {
            assert!(error.contains(&format!("{name}={given:?}")), "{error}");
        }
    }

    #[test]
    fn an_address_is_a_network_of_its_own() {
        let settings = with(&[("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8, ::1")]).unwrap();
        let networks = settings.networks("TRUSTED_PROXIES").into_iter();
        let shown: Vec<_> = networks.map(|network| network.to_string()).collect();
        assert_eq!(shown, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(hide_password("postgres://fleet:p@ss@db/x"), "postgres://fleet:…@db/x");
        assert_eq!(hide_password("redis://db:6379"), "redis://db:6379");
        let settings = with(&[("DATABASE_URL", "postgres://a:secret@h/d")]).unwrap();
        let setting = ALL.iter().find(|s| s.name == "DATABASE_URL").unwrap();
        assert!(!settings.shown(setting).contains("secret"));
    }

    #[test]
    fn the_table_has_no_name_twice() {
        let mut names: Vec<_> = ALL.iter().map(|s| s.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
