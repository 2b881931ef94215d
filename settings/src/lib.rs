//! All settings of docfleet in one table: name, default and meaning of each, and where its value in force came from.
//!
//! Settings are typed: `settings.get(LEASE_SECONDS)` is a `Duration`. All values are checked when they are read, so a process
//! with a wrong setting refuses to start and names the setting. Instead of `NAME`, an operator can set `NAME_FILE`, the path
//! of a file that holds the value, as is usual for the secrets of containers.

mod kind;
mod setting;
#[allow(rustdoc::bare_urls, reason = "help texts are for a terminal, not Markdown")]
mod table;

pub use kind::{Address, Kind, Number, Seconds, Url};
pub use setting::{Entry, Setting};
pub use table::*;

use std::collections::BTreeMap;
use std::fmt;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Default,
    Environment,
    /// The file that the environment variable `NAME_FILE` names.
    File,
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Default => "default",
            Origin::Environment => "environment",
            Origin::File => "file",
            Origin::Flag => "flag",
        })
    }
}

/// One wrong setting: the given value, what is wrong with it, and the setting's help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting {given}: {problem}; {help}")]
pub struct SettingError {
    /// `NAME="value"`, or just the names.
    given: String,
    problem: String,
    help: &'static str,
}

/// All wrong settings, one per line.
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
    /// Reads the process environment. An empty variable counts as unset, because compose files pass unset variables as empty.
    pub fn from_env() -> Result<Settings, SettingsError> {
        Self::from_pairs(std::env::vars(), [])
    }

    /// `flags` win over `env`. Names that are not in the table are ignored.
    pub fn from_pairs(
        env: impl IntoIterator<Item = (String, String)>,
        flags: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Settings, SettingsError> {
        let given = |pairs: &mut dyn Iterator<Item = (String, String)>| -> BTreeMap<String, String> {
            pairs.filter(|(_, value)| !value.is_empty()).collect()
        };
        let (env, flags) = (given(&mut env.into_iter()), given(&mut flags.into_iter()));
        let (mut values, mut wrong) = (BTreeMap::new(), Vec::new());
        for setting in ALL {
            match value_of(*setting, &env, &flags) {
                Ok(value) => {
                    values.insert(setting.name(), value);
                }
                Err(error) => wrong.push(error),
            }
        }
        if wrong.is_empty() {
            Ok(Settings { values })
        } else {
            Err(SettingsError(wrong))
        }
    }

    /// The value in force.
    pub fn get<K: Kind>(&self, setting: Setting<K>) -> K::Value<'_> {
        match setting.kind.parse(self.text(&setting)) {
            Some(value) => value,
            None => unreachable!("setting {} was checked when it was read", setting.name),
        }
    }

    /// The value as it was given. Empty if the setting is unset and has no default.
    fn text(&self, setting: &dyn Entry) -> &str {
        self.values.get(setting.name()).map_or("", |(value, _)| value)
    }

    pub fn origin(&self, setting: &dyn Entry) -> Origin {
        self.values
            .get(setting.name())
            .map_or(Origin::Default, |(_, origin)| *origin)
    }

    /// The value for display, with secrets and the passwords in URLs hidden.
    pub fn shown(&self, setting: &dyn Entry) -> String {
        let value = self.text(setting);
        if setting.is_secret() && !value.is_empty() {
            "…".into()
        } else {
            hide_password(value)
        }
    }

    /// Every setting that was given explicitly, as name and value for the environment of another process of the same fleet.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values
            .iter()
            .filter(|(_, (_, origin))| *origin != Origin::Default)
            .map(|(n, (v, _))| (*n, v.as_str()))
    }
}

/// A setting's checked value, and where it came from.
fn value_of(
    setting: &dyn Entry,
    env: &BTreeMap<String, String>,
    flags: &BTreeMap<String, String>,
) -> Result<(String, Origin), SettingError> {
    let (name, help) = (setting.name(), setting.help());
    let file_name = format!("{name}_FILE");
    let (value, origin) = match (flags.get(name), env.get(name), env.get(&file_name)) {
        (Some(value), ..) => (value.clone(), Origin::Flag),
        (None, Some(_), Some(_)) => {
            return Err(SettingError {
                given: format!("{name} and {file_name}"),
                problem: "both are given; give one of them".into(),
                help,
            });
        }
        (None, Some(value), None) => (value.clone(), Origin::Environment),
        (None, None, Some(path)) => match std::fs::read_to_string(path) {
            // Editors and `echo` end the file with a newline.
            Ok(text) => (text.trim_end_matches(['\n', '\r']).to_owned(), Origin::File),
            Err(error) => {
                return Err(SettingError {
                    given: format!("{file_name}={path:?}"),
                    problem: format!("the file cannot be read: {error}"),
                    help,
                });
            }
        },
        (None, None, None) => (setting.default().to_owned(), Origin::Default),
    };
    setting.check(&value).map_err(|problem| {
        let shown = if setting.is_secret() { "…" } else { &value };
        SettingError {
            given: format!("{name}={shown:?}"),
            problem,
            help,
        }
    })?;
    Ok((value, origin))
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
    use std::time::Duration;

    fn with(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_pairs(pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())), [])
    }

    #[test]
    fn defaults_are_valid_and_known_as_defaults() {
        let settings = with(&[]).unwrap();
        assert_eq!(settings.get(LEASE_SECONDS), Duration::from_secs(15));
        assert_eq!(settings.origin(&LEASE_SECONDS), Origin::Default);
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let env = [("LEASE_SECONDS".to_owned(), "20".to_owned())];
        let flags = [("LEASE_SECONDS".to_owned(), "30".to_owned())];
        let settings = Settings::from_pairs(env, flags).unwrap();
        assert_eq!(
            (settings.get(LEASE_SECONDS), settings.origin(&LEASE_SECONDS)),
            (Duration::from_secs(30), Origin::Flag)
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
        let networks = settings.get(TRUSTED_PROXIES).into_iter();
        let shown: Vec<_> = networks.map(|network| network.to_string()).collect();
        assert_eq!(shown, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(hide_password("postgres://fleet:p@ss@db/x"), "postgres://fleet:…@db/x");
        assert_eq!(hide_password("redis://db:6379"), "redis://db:6379");
        let settings = with(&[("DATABASE_URL", "postgres://a:secret@h/d")]).unwrap();
        assert!(!settings.shown(&DATABASE_URL).contains("secret"));
    }

    #[test]
    fn a_file_may_hold_a_value() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("url");
        std::fs::write(&path, "postgres://a:secret@h/d\n").unwrap();
        let path = path.to_str().unwrap();
        let settings = with(&[("DATABASE_URL_FILE", path)]).unwrap();
        assert_eq!(settings.get(DATABASE_URL), Some("postgres://a:secret@h/d"));
        assert_eq!(settings.origin(&DATABASE_URL), Origin::File);

        let both = with(&[("DATABASE_URL_FILE", path), ("DATABASE_URL", "postgres://h/d")]);
        let error = both.unwrap_err().to_string();
        assert!(
            error.contains("DATABASE_URL and DATABASE_URL_FILE: both are given"),
            "{error}"
        );

        let gone = with(&[("API_KEY_FILE", "/no/such/file")]).unwrap_err().to_string();
        assert!(
            gone.contains("API_KEY_FILE=\"/no/such/file\": the file cannot be read"),
            "{gone}"
        );
    }

    #[test]
    fn the_table_has_no_name_twice() {
        let mut names: Vec<_> = ALL.iter().map(|setting| setting.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
