//! A command line made from the table of settings: `LEASE_SECONDS` is also `--lease-seconds`.

use crate::root::give_up_root;
use crate::{USAGE, die_with_parent, logs};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use settings::{ALL, Entry, LOG, LOG_FORMAT, Settings, SettingsError};

/// Settings that every process has.
const ALWAYS: &[&dyn Entry] = &[&LOG, &LOG_FORMAT];

/// A started process's settings and parsed command line.
#[derive(Debug)]
pub struct Started {
    pub settings: Settings,
    pub matches: ArgMatches,
}

/// A command with a flag for each setting in `uses` and for the settings that every process has.
pub fn command(name: &'static str, about: &'static str, uses: &[&dyn Entry]) -> Command {
    with_settings(Command::new(name).about(about).version(env!("CARGO_PKG_VERSION")), uses)
}

/// Adds a flag to the command for each of these settings, in the order of the table. Secret settings get no flag; the help
/// text names them instead.
pub fn with_settings(command: Command, uses: &[&dyn Entry]) -> Command {
    let is_used = |setting: &dyn Entry| uses.iter().chain(ALWAYS).any(|used| used.name() == setting.name());
    let used = ALL.iter().copied().filter(|setting| is_used(*setting));
    let (secrets, open): (Vec<_>, Vec<_>) = used.partition(|setting| setting.is_secret());
    let command = command.next_help_heading("Settings").args(open.into_iter().map(flag));
    secrets.into_iter().fold(command, name_in_help)
}

/// Names a secret setting in the help. It has no flag, because `ps` shows command lines to every user.
fn name_in_help(command: Command, secret: &dyn Entry) -> Command {
    let mut help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if !help.is_empty() {
        help.push_str("\n\n");
    }
    help.push_str(&format!("Environment only: {}, {}", secret.name(), secret.help()));
    command.after_help(help)
}

fn flag(setting: &'static dyn Entry) -> Arg {
    let name = setting.name();
    let arg = Arg::new(name)
        .long(name.to_ascii_lowercase().replace('_', "-"))
        .env(name)
        // The URL may carry a password, and the output of `--help` ends up in logs and bug reports.
        .hide_env_values(setting.is_url())
        .value_name(setting.value_name())
        .help(setting.help());
    match setting.default() {
        "" => arg,
        default => arg.default_value(default),
    }
}

/// The settings in force. Flags (the subcommand's, if there is one) win over the environment, which wins over defaults.
///
/// # Errors
/// One error that names all wrong settings.
pub fn settings(matches: &ArgMatches) -> Result<Settings, SettingsError> {
    if let Some((_, matches)) = matches.subcommand() {
        return settings(matches);
    }
    let given = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
    let flags = matches
        .ids()
        .filter_map(|id| {
            ALL.iter()
                .map(|setting| setting.name())
                .find(|name| *name == id.as_str())
        })
        .filter(|name| given(name))
        .filter_map(|name| {
            let value: &String = matches.get_one(name)?;
            Some((name.to_owned(), value.clone()))
        });
    Settings::from_pairs(environment(), flags)
}

/// The environment's variables that are valid UTF-8. All others are skipped: they cannot be settings.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Reads the command line and the environment and starts logging. On `--help`, or on any error, it prints a message and
/// exits the process.
pub fn start(name: &'static str, about: &'static str, uses: &[&dyn Entry]) -> Started {
    start_with(command(name, about, uses))
}

/// As [`start`], for a command with flags of its own.
pub fn start_with(command: Command) -> Started {
    if let Err(problem) = give_up_root() {
        refuse(&problem);
    }
    // Only after the change of user, at which the kernel clears the parent-death signal.
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
    use settings::{DATABASE_URL, LEASE_SECONDS, Origin};

    fn parse(args: &[&str]) -> Result<Settings, SettingsError> {
        let command = command("test", "a test", &[&LEASE_SECONDS, &DATABASE_URL]);
        settings(&command.get_matches_from(args))
    }

    #[test]
    fn a_setting_is_a_flag() {
        let settings = parse(&["test", "--lease-seconds", "7"]).unwrap();
        assert_eq!(settings.get(LEASE_SECONDS).as_secs(), 7);
        assert_eq!(settings.origin(&LEASE_SECONDS), Origin::Flag);
        assert_eq!(settings.origin(&LOG_FORMAT), Origin::Default);
    }

    #[test]
    fn a_wrong_flag_is_named() {
        let error = parse(&["test", "--lease-seconds", "soon"]).unwrap_err().to_string();
        assert!(error.contains("LEASE_SECONDS=\"soon\""), "{error}");
    }

    #[test]
    fn every_setting_makes_a_valid_flag() {
        command("test", "a test", ALL).debug_assert();
    }

    #[test]
    fn a_secret_is_no_flag() {
        let mut command = command("test", "a test", &[&settings::API_KEY]);
        let refused = command
            .try_get_matches_from_mut(["test", "--api-key", "x"])
            .unwrap_err();
        assert_eq!(refused.kind(), clap::error::ErrorKind::UnknownArgument);
        assert!(command.render_help().to_string().contains("Environment only: API_KEY"));
    }

    #[test]
    fn help_shows_names_and_defaults_but_no_urls_in_force() {
        let help = command("test", "a test", &[&LEASE_SECONDS, &DATABASE_URL])
            .render_help()
            .to_string();
        assert!(
            help.contains("LEASE_SECONDS") && help.contains("[default: 15]"),
            "{help}"
        );
        assert!(help.contains("[env: DATABASE_URL]"), "{help}");
    }
}
