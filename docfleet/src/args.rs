//! The command line: what there is to say, and what it says of itself in `--help`.

use crate::fleet::Slots;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use queue_schema::Queue;
use queue_schema::document::Stage;
use settings::{ALL, Settings};
use std::path::PathBuf;
use std::str::FromStr;
use store::Scope;
use uuid::Uuid;

const EXIT_CODES: &str =
    "Exit codes: 0 done; 1 failed, or a document failed; 2 wrong usage or setting; 3 the fleet could not start.";

#[derive(Debug, Parser)]
#[command(name = "docfleet", version, about = "Turns documents into text, categories, fields and searchable PDFs", after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    call: Call,
}

#[derive(Debug, Subcommand)]
pub enum Call {
    /// Run the whole fleet on this machine until Ctrl-C
    Up(Up),
    /// Stop the fleet of a data folder
    Down(Down),
    /// Process files and write what they hold; starts a fleet if none is running
    Process(Process),
    /// Upload files
    Submit(Submit),
    /// Show a document, or the newest ones
    Status(Status),
    /// Process a document again, from a stage on
    Retry(Retry),
    /// Stop processing a document
    Cancel(OneDocument),
    /// Show queues: what waits, runs and failed
    Queues(Fleet),
    /// Show tasks, newest first
    Tasks(Tasks),
    /// Show worker processes
    Workers(Fleet),
    /// Let no task of a queue start until it is resumed
    Pause(OneQueue),
    /// Let a paused queue's tasks start again
    Resume(OneQueue),
    /// Ask a worker to finish what it runs and stop
    Drain(Drain),
    /// Train a project's categorizer from the categories that people gave
    Train(Train),
    /// Show a project's trained models, newest first
    Models(Project),
    /// Make, list and revoke the keys with which programs and people come in
    #[command(subcommand)]
    Keys(Keys),
    /// Say what this machine lacks, and what mends it
    Doctor(Fleet),
    /// Show every setting in force and where it comes from
    Config(Fleet),
}

/// Where the fleet is, and how to answer.
#[derive(Debug, Clone, Args)]
pub struct Fleet {
    /// Folder of the fleet on this machine
    #[arg(long, value_name = "DIR", default_value = ".docfleet", env = "DOCFLEET_DATA")]
    pub data: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Up {
    /// Folder for the fleet's database, documents and logs
    #[arg(long, value_name = "DIR", default_value = ".docfleet", env = "DOCFLEET_DATA")]
    pub data: PathBuf,
    /// Tasks at once by worker, such as ocr=2,extract=1; 0 leaves a worker out [default: ocr one per core, others 1]
    #[arg(long, value_name = "NAME=N,…", default_value = "", hide_default_value = true)]
    pub workers: Slots,
    /// Process the documents of this folder on the first start
    #[arg(long, value_name = "DIR")]
    pub samples: Option<PathBuf>,
    /// Be the process that the guarding one starts
    #[arg(long, hide = true)]
    pub inner: bool,
}

#[derive(Debug, Args)]
pub struct Down {
    #[command(flatten)]
    pub fleet: Fleet,
    /// Let no task finish: all are handed back
    #[arg(long)]
    pub now: bool,
}

#[derive(Debug, Args)]
pub struct Process {
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Folder for STEM.pdf, STEM.txt, STEM.json of each file, and summary.csv
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub treatment: Treatment,
    #[command(flatten)]
    pub fleet: Fleet,
}

/// What is said of every file of a call.
#[derive(Debug, Clone, Args)]
pub struct Treatment {
    /// Recognise the text of pages that have one already
    #[arg(long)]
    pub force_ocr: bool,
    /// Tesseract languages, joined by + [default: setting OCR_LANGUAGES]
    #[arg(long, value_name = "eng+deu")]
    pub language: Option<String>,
    /// Category of all these files, instead of one found out
    #[arg(long, value_name = "NAME")]
    pub category: Option<String>,
    /// Project that the documents belong to
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,
    /// Process these before documents that are not urgent
    #[arg(long)]
    pub urgent: bool,
}

/// A fleet that is reached through its gateway.
#[derive(Debug, Clone, Args)]
pub struct Remote {
    /// The gateway [default: that of the fleet running on --data, else http://BIND]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct Submit {
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Wait until the documents are done
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub treatment: Treatment,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Debug, Args)]
pub struct Status {
    pub document: Option<Uuid>,
    /// How many of the newest
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Debug, Args)]
pub struct Retry {
    pub document: Uuid,
    /// ocr, categorize, extract or finalize [default: the stage that failed]
    #[arg(long, value_name = "STAGE")]
    pub from_stage: Option<Stage>,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Debug, Args)]
pub struct OneDocument {
    pub document: Uuid,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Debug, Args)]
pub struct Tasks {
    #[arg(long)]
    pub queue: Option<Queue>,
    /// scheduled, ready, running, done, dead or cancelled
    #[arg(long)]
    pub state: Option<queue_schema::State>,
    #[arg(long, value_name = "ID")]
    pub document: Option<Uuid>,
    #[arg(long)]
    pub kind: Option<String>,
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    pub limit: i64,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct OneQueue {
    pub queue: Queue,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct Drain {
    /// A worker's id, or the beginning of one
    pub worker: String,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct Project {
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub project: String,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct Train {
    /// Wait until the training has ended
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub project: Project,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key; its secret is printed once
    Add(AddKey),
    /// Show every key ever made, those in force first
    List(Fleet),
    /// From now on, a key and the sessions it opened let nobody in
    Revoke(RevokeKey),
}

#[derive(Debug, Args)]
pub struct AddKey {
    /// Whose it is; audit rows call by it what is done with the key
    pub name: String,
    /// upload, read, operate, admin; several with commas
    #[arg(long, value_name = "SCOPE,…", required = true, value_delimiter = ',')]
    pub scope: Vec<Scope>,
    /// When it ends: in so many days (90d) or on a date (2027-12-31) [default: when it is revoked]
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<Expiry>,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct RevokeKey {
    /// The key's name or id
    pub key: String,
    #[command(flatten)]
    pub fleet: Fleet,
}

/// The end of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry(pub DateTime<Utc>);

impl FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Expiry, String> {
        let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
        let in_days = days
            .and_then(TimeDelta::try_days)
            .and_then(|days| Utc::now().checked_add_signed(days));
        let on_date = || Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc());
        let end = in_days.or_else(on_date);
        end.map(Expiry)
            .ok_or_else(|| "give days, such as 90d, or a date, such as 2027-12-31".into())
    }
}

/// Commands that reach a gateway, and those that reach the database.
const BY_GATEWAY: &[&str] = &["submit", "status", "retry", "cancel"];
const BY_DATABASE: &[&str] = &["queues", "tasks", "workers", "pause", "resume", "drain", "models"];

const SERVERS: &[&str] = &["DATABASE_URL", "BROKER_URL", "STORAGE_URL"];

fn command() -> clap::Command {
    let everything: Vec<&str> = ALL.iter().map(|setting| setting.name).collect();
    let with = |command: clap::Command, names: &[&str], uses: &[&str]| {
        names.iter().fold(command, |command, name| {
            command.mut_subcommand(name, |sub| boot::with_settings(sub, uses))
        })
    };
    let command = with(Cli::command(), &["up", "process", "config"], &everything);
    let command = with(command, BY_GATEWAY, &["BIND"]);
    let command = with(command, BY_DATABASE, SERVERS);
    let command = command.mut_subcommand("keys", |keys| with(keys, &["add", "list", "revoke"], SERVERS));
    let command = with(
        command,
        &["train"],
        &[
            "DATABASE_URL",
            "BROKER_URL",
            "STORAGE_URL",
            "THRESHOLD_FOR_HEAVY_TRAINING",
        ],
    );
    with(
        command,
        &["down", "doctor"],
        &["DATABASE_URL", "BROKER_URL", "DRAIN_SECONDS", "OCR_LANGUAGES"],
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
        assert_eq!(boot::settings(&matches).unwrap().text("BIND"), "127.0.0.1:9");
    }
}
