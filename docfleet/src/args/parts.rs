//! What the commands are told: their arguments and flags.

use super::values;
use crate::fleet::Slots;
use clap::{Args, ValueHint};
use clap_complete::Shell;
use queue_schema::document::Stage;
use queue_schema::{Queue, State};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// Where the fleet is, and how to answer.
#[derive(Debug, Clone, Args)]
pub struct Fleet {
    /// Folder of the fleet on this machine
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".docfleet", env = "DOCFLEET_DATA")]
    pub data: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Whether to look again and again.
#[derive(Debug, Clone, Args)]
pub struct Watch {
    /// Show it again every second, or every so many seconds, until Ctrl-C
    #[arg(
        long = "watch",
        value_name = "SECONDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        value_parser = values::interval
    )]
    pub every: Option<Duration>,
}

/// A look at the fleet.
#[derive(Debug, Args)]
pub struct Look {
    #[command(flatten)]
    pub watch: Watch,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct Up {
    /// Folder for the fleet's database, documents and logs
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".docfleet", env = "DOCFLEET_DATA")]
    pub data: PathBuf,
    /// Tasks at once by worker, such as ocr=2,extract=1; 0 leaves a worker out [default: ocr one per core, others 1]
    #[arg(long, value_name = "NAME=N,…", default_value = "", hide_default_value = true)]
    pub workers: Slots,
    /// Process the documents of this folder on the first start
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
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
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Folder for STEM.pdf, STEM.txt, STEM.json of each file, and summary.csv
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
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
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub url: Option<String>,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct Submit {
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
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
    pub watch: Watch,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Debug, Args)]
pub struct Retry {
    pub document: Uuid,
    /// [default: the stage that failed]
    #[arg(long, value_name = "STAGE", value_parser = values::stage())]
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
    #[arg(long, value_name = "NAME", value_parser = values::queue())]
    pub queue: Option<Queue>,
    #[arg(long, value_parser = values::state())]
    pub state: Option<State>,
    #[arg(long, value_name = "ID")]
    pub document: Option<Uuid>,
    #[arg(long)]
    pub kind: Option<String>,
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    pub limit: i64,
    #[command(flatten)]
    pub watch: Watch,
    #[command(flatten)]
    pub fleet: Fleet,
}

#[derive(Debug, Args)]
pub struct OneQueue {
    #[arg(value_parser = values::queue())]
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
    /// Wait until it has ended
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub project: Project,
}

#[derive(Debug, Args)]
pub struct Activate {
    /// A model's id as `docfleet models` shows it, or `starter` for the one that docfleet comes with
    pub model: Which,
    #[command(flatten)]
    pub project: Project,
}

#[derive(Debug, Clone, Copy)]
pub enum Which {
    Starter,
    Trained(Uuid),
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Which, String> {
        match text {
            "starter" => Ok(Which::Starter),
            id => id
                .parse()
                .map(Which::Trained)
                .map_err(|_| "neither `starter` nor the id of a model".into()),
        }
    }
}

#[derive(Debug, Args)]
pub struct Completions {
    pub shell: Shell,
}
