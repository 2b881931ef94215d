//! A command line made from the table of settings: `LEASE_SECONDS` is also `--lease-seconds`.

use crate::root::give_up_root;
use crate::{USAGE, die_with_parent, logs};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use settings::{ALL, Kind, Setting, Settings, SettingsError};

/// Every process has these.
const ALWAYS: &[&str] = &["LOG", "LOG_FORMAT"];

/// What a process knows once it has started.
#[derive(Debug)]
pub struct Started {
    pub settings: Settings,
    pub matches: ArgMatches,
}

/// A command with a flag for each setting of `uses`, and for those that every process has.
///
/// # Panics
/// When a name is not in the table of settings: a mistake of ours that the first start shows.
pub fn command(name: &'static str, about: &'static str, uses: &[&str]) -> Command {
    with_settings(Command::new(name).about(about).version(env!("CARGO_PKG_VERSION")), uses)
}

/// Adds the flags of these settings to a command; those that are secret are named in its help instead.
///
/// # Panics
/// As [`command`].
pub fn with_settings(command: Command, uses: &[&str]) -> Command {
    let mut names: Vec<&str> = uses.iter().chain(ALWAYS).copied().collect();
    names.sort_unstable_by_key(|name| place(name));
    names.dedup();
    let used = names.into_iter().map(|name| &ALL[place(name)]);
    let (secrets, open): (Vec<_>, Vec<_>) = used.partition(|setting| setting.secret);
    let command = command.next_help_heading("Settings").args(open.into_iter().map(flag));
    secrets.into_iter().fold(command, name_in_help)
}

/// A secret has no flag: `ps` shows command lines to everybody.
fn name_in_help(command: Command, secret: &Setting) -> Command {
    let mut help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if !help.is_empty() {
        help.push_str("\n\n");
    }
    help.push_str(&format!("Environment only: {}, {}", secret.name, secret.help));
    command.after_help(help)
}

/// Where a setting stands in the table.
fn place(name: &str) -> usize {
    match ALL.iter().position(|setting| setting.name == name) {
        Some(place) => place,
        None => panic!("setting {name} is not in the table"),
    }
}

fn flag(setting: &'static Setting) -> Arg {
    let kebab = setting.name.to_ascii_lowercase().replace('_', "-");
    // A URL may carry a password, and `--help` ends up in logs and bug reports.
    let hidden = matches!(setting.kind, Kind::Url(_));
    let arg = Arg::new(setting.name)
        .long(kebab)
        .env(setting.name)
        .hide_env_values(hidden)
        .value_name(value_name(setting.kind))
        .help(setting.help);
    if setting.default.is_empty() {
        arg
    } else {
        arg.default_value(setting.default)
    }
}

fn value_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "TEXT",
        Kind::Seconds => "SECONDS",
        Kind::Number(_) => "N",
        Kind::Bool => "true|false",
        Kind::OneOf(_) => "WORD",
        Kind::Url(_) => "URL",
        Kind::Address => "ADDRESS:PORT",
        Kind::Networks => "NETWORK,…",
    }
}

/// The settings in force: flags first (the subcommand's, where there is one), then the environment, then defaults.
///
/// # Errors
/// All settings that are wrong, named at once.
pub fn settings(matches: &ArgMatches) -> Result<Settings, SettingsError> {
    if let Some((_, matches)) = matches.subcommand() {
        return settings(matches);
    }
    let given = |setting: &Setting| matches.value_source(setting.name) == Some(ValueSource::CommandLine);
    let flags = matches
        .ids()
        .filter_map(|id| ALL.iter().find(|setting| setting.name == id.as_str()))
        .filter(|setting| given(setting))
        .filter_map(|setting| {
            let value: &String = matches.get_one(setting.name)?;
            Some((setting.name.to_owned(), value.clone()))
        });
    Settings::from_pairs(environment(), flags)
}

/// The environment as far as it is text: what is not cannot be a setting.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Reads the command line and the environment and begins to log. With `--help`, or with anything wrong, the process says
/// so and ends here.
pub fn start(name: &'static str, about: &'static str, uses: &[&str]) -> Started {
    start_with(command(name, about, uses))
}

/// As [`start`], for a command with flags of its own.
pub fn start_with(command: Command) -> Started {
    if let Err(problem) = give_up_root() {
        refuse(&problem);
    }
    // After it: the kernel forgets this tie when a process changes its user.
    die_with_parent();
    let matches = command.get_matches();
    let settings = settings(&matches).unwrap_or_else(|error| refuse(&error));
    if let Err(error) = logs::init(&settings) {
        refuse(&error);
    }
    Started { settings, matches }
}

fn refuse(error: &dyn std::fmt::Display) -> ! {
    eprintln!("{error}");
    std::process::exit(USAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use settings::Origin;

    fn parse(args: &[&str]) -> Result<Settings, SettingsError> {
        let command = command("test", "a test", &["LEASE_SECONDS", "DATABASE_URL"]);
        settings(&command.get_matches_from(args))
    }

    #[test]
    fn a_setting_is_a_flag() {
        let settings = parse(&["test", "--lease-seconds", "7"]).unwrap();
        assert_eq!(settings.text("LEASE_SECONDS"), "7");
        assert_eq!(settings.origin("LEASE_SECONDS"), Origin::Flag);
        assert_eq!(settings.origin("LOG_FORMAT"), Origin::Default);
    }

    #[test]
    fn a_wrong_flag_is_named() {
        let error = parse(&["test", "--lease-seconds", "soon"]).unwrap_err().to_string();
        assert!(error.contains("LEASE_SECONDS=\"soon\""), "{error}");
    }

    #[test]
    fn every_setting_makes_a_valid_flag() {
        let names: Vec<&str> = ALL.iter().map(|setting| setting.name).collect();
        command("test", "a test", &names).debug_assert();
    }

    #[test]
    fn a_secret_is_no_flag() {
        let mut command = command("test", "a test", &["API_KEY"]);
        let refused = command
            .try_get_matches_from_mut(["test", "--api-key", "x"])
            .unwrap_err();
        assert_eq!(refused.kind(), clap::error::ErrorKind::UnknownArgument);
        assert!(command.render_help().to_string().contains("Environment only: API_KEY"));
    }

    #[test]
    fn help_shows_names_and_defaults_but_no_urls_in_force() {
        let help = command("test", "a test", &["LEASE_SECONDS", "DATABASE_URL"])
            .render_help()
            .to_string();
        assert!(
            help.contains("LEASE_SECONDS") && help.contains("[default: 15]"),
            "{help}"
        );
        assert!(help.contains("[env: DATABASE_URL]"), "{help}");
    }
}
