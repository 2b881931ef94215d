//! The command line: what there is to say, and what it says of itself in `--help`.

mod keys;
mod parts;
mod values;

pub use keys::{AddKey, Keys, RevokeKey};
pub use parts::*;

use crate::exit;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use settings::{
    ALL, API_KEY, BIND, BROKER_URL, DATABASE_URL, DRAIN_SECONDS, Entry, OCR_LANGUAGES, STORAGE_URL, Settings,
    THRESHOLD_FOR_HEAVY_TRAINING,
};

#[derive(Debug, Parser)]
#[command(name = "docfleet", version, about = "Turns documents into text, categories, fields and searchable PDFs", after_help = exit::ALL)]
struct Cli {
    #[command(subcommand)]
    call: Call,
}

#[derive(Debug, Subcommand)]
pub enum Call {
    /// Run the whole fleet on this machine until Ctrl-C
    #[command(after_help = exit::OF_UP)]
    Up(Up),
    /// Stop the fleet of a data folder
    Down(Down),
    /// Process files and write what they hold; starts a fleet if none is running
    #[command(after_help = exit::OF_DOCUMENTS)]
    Process(Process),
    /// Upload files
    #[command(after_help = exit::OF_DOCUMENTS)]
    Submit(Submit),
    /// Show a document, or the newest ones
    #[command(after_help = exit::OF_WATCHING)]
    Status(Status),
    /// Process a document again, from a stage on
    Retry(Retry),
    /// Stop processing a document
    Cancel(OneDocument),
    /// Show queues: what waits, runs and failed
    #[command(after_help = exit::OF_WATCHING)]
    Queues(Look),
    /// Show tasks: what runs, then what waits, then what ended
    #[command(after_help = exit::OF_WATCHING)]
    Tasks(Tasks),
    /// Show worker processes
    #[command(after_help = exit::OF_WATCHING)]
    Workers(Look),
    /// Let no task of a queue start until it is resumed
    Pause(OneQueue),
    /// Let a paused queue's tasks start again
    Resume(OneQueue),
    /// Ask a worker to finish what it runs and stop
    Drain(Drain),
    /// Train a project's categorizer from the categories that people gave
    #[command(after_help = exit::OF_TRAINING)]
    Train(Train),
    /// Judge a project's active categorizer on documents that came after it
    #[command(after_help = exit::OF_TRAINING)]
    Evaluate(Train),
    /// Show a project's trained models, newest first
    Models(Project),
    /// Choose which model categorizes a project's documents
    Activate(Activate),
    /// Make, list and revoke the keys with which programs and people come in
    #[command(subcommand)]
    Keys(Keys),
    /// Say what this machine lacks, and what mends it
    #[command(after_help = exit::OF_DOCTOR)]
    Doctor(Fleet),
    /// Show every setting in force and where it comes from
    Config(Fleet),
    /// Print a script that completes docfleet's commands in a shell
    #[command(after_help = INSTALLING_COMPLETIONS)]
    Completions(Completions),
}

const INSTALLING_COMPLETIONS: &str = "\
To install it, for new shells:
  bash  docfleet completions bash > ~/.local/share/bash-completion/completions/docfleet
  zsh   docfleet completions zsh > ~/.zfunc/_docfleet    (with `fpath+=~/.zfunc; autoload -U compinit; compinit` in ~/.zshrc)
  fish  docfleet completions fish > ~/.config/fish/completions/docfleet.fish";

/// Commands that reach a gateway, and those that reach the database.
const BY_GATEWAY: &[&str] = &["submit", "status", "retry", "cancel"];
const BY_DATABASE: &[&str] = &[
    "queues", "tasks", "workers", "pause", "resume", "drain", "evaluate", "models", "activate",
];

const SERVERS: &[&dyn Entry] = &[&DATABASE_URL, &BROKER_URL, &STORAGE_URL];

/// The whole command line.
pub fn command() -> clap::Command {
    let with = |command: clap::Command, names: &[&str], uses: &[&dyn Entry]| {
        names.iter().fold(command, |command, name| {
            command.mut_subcommand(name, |sub| boot::with_settings(sub, uses))
        })
    };
    let command = with(Cli::command(), &["up", "process", "config"], ALL);
    let command = with(command, BY_GATEWAY, &[&BIND, &API_KEY]);
    let command = with(command, BY_DATABASE, SERVERS);
    let command = command.mut_subcommand("keys", |keys| with(keys, &["add", "list", "revoke"], SERVERS));
    let command = with(
        command,
        &["train"],
        &[&DATABASE_URL, &BROKER_URL, &STORAGE_URL, &THRESHOLD_FOR_HEAVY_TRAINING],
    );
    with(
        command,
        &["down", "doctor"],
        &[&DATABASE_URL, &BROKER_URL, &DRAIN_SECONDS, &OCR_LANGUAGES],
    )
}

/// Reads the command line and the environment and begins to log. With `--help`, or with anything wrong, the process says
/// so and ends here.
pub fn read() -> (Call, Settings) {
    let started = boot::start_with(command());
    match Cli::from_arg_matches(&started.matches) {
        Ok(cli) => (cli.call, started.settings),
        Err(error) => error.exit(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn settings_are_flags_of_their_commands() {
        let matches = command().get_matches_from(["docfleet", "up", "--bind", "127.0.0.1:9", "--workers", "ocr=3"]);
        assert_eq!(boot::settings(&matches).unwrap().get(BIND), "127.0.0.1:9");
    }
}
