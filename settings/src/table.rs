//! The table. Names are those that operators of such systems already know where there is such a name.

use ipnet::IpNet;
use std::net::IpAddr;

/// What a setting's text must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Seconds, fractions allowed, above zero.
    Seconds,
    /// A whole number of at least this.
    Number(u64),
    Bool,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `scheme://…` with one of these schemes, or empty.
    Url(&'static [&'static str]),
    /// `address:port`.
    Address,
    /// Addresses and networks, comma-separated.
    Networks,
}

pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub kind: Kind,
    /// Given by environment only: a command line is there for everybody to read.
    pub secret: bool,
    /// What it does, with its unit.
    pub help: &'static str,
}

const fn setting(name: &'static str, default: &'static str, kind: Kind, help: &'static str) -> Setting {
    Setting {
        name,
        default,
        kind,
        secret: false,
        help,
    }
}

/// As [`setting`], for what nobody else may see: it is given by environment only and shown nowhere.
const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting {
        secret: true,
        ..setting(name, "", Text, help)
    }
}

use Kind::{Address, Bool, Networks, Number, OneOf, Seconds, Text, Url};

#[rustfmt::skip]
pub const ALL: &[Setting] = &[
    // where things are
    setting("DATABASE_URL", "", Url(&["postgres", "postgresql"]), "Postgres, postgres://user:password@host:port/name"),
    setting("BROKER_URL", "", Url(&["redis", "redis+unix", "unix"]), "Redis, redis://host:port/0 or redis+unix:///path"),
    setting("STORAGE_URL", "", Url(&["file"]), "where documents' bytes lie, file:///path"),
    setting("DATABASE_FOLDER", "", Text, "folder that Postgres writes to, where that is on this machine: its free space is watched; `docfleet up` names that of its own"),
    setting("STORAGE_RESERVE_BYTES", "0", Number(0), "bytes that stay free where documents, scratch files and the database lie: below it uploads are refused and tasks wait; 0: 1 GiB, or 5 % of a file system smaller than 20 GiB"),
    setting("HOST_NAME", "", Text, "this machine's name as the fleet shows it (default: the system's)"),
    // the gateway
    setting("BIND", "127.0.0.1:8080", Address, "address and port of the gateway"),
    setting("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", Text, "comma-separated Host names that the gateway and the dashboard answer to"),
    setting("CORS_ALLOWED_ORIGINS", "", Text, "comma-separated origins of pages that may use the gateway's API with a key, such as https://app.example"),
    setting("TRUSTED_PROXIES", "", Networks, "comma-separated addresses or networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8"),
    setting("MAINTENANCE_MODE", "false", Bool, "true: uploads are refused with 503, everything else goes on"),
    setting("MAX_UPLOAD_BYTES", "536870912", Number(1), "largest accepted upload, in bytes"),
    // those who call the gateway
    secret("API_KEY", "key that the command line shows the gateway, as `docfleet keys add` made it"),
    // the dashboard
    setting("DASHBOARD_BIND", "127.0.0.1:8081", Address, "address and port of the dashboard"),
    // documents
    setting("MAX_PAGES", "5000", Number(1), "most pages of a document"),
    setting("MAX_PAGE_PIXELS", "100000000", Number(1000), "most pixels of one page's image"),
    setting("OCR_LANGUAGES", "eng+deu", Text, "Tesseract languages for documents that name none, joined by +"),
    setting("ALWAYS_GENERATE_SANDWICH_PDF", "true", Bool, "false: the searchable PDF is made when it is first asked for"),
    setting("THRESHOLD_FOR_HEAVY_TRAINING", "150", Number(1), "from this many documents on, a training goes to training_heavy"),
    setting("PAGE_IMAGES_BYTES", "2147483648", Number(0), "bytes of page images that are kept for the next to look at them; the least recently used go first"),
    // workers
    setting("WORKER_SLOTS", "0", Number(0), "tasks at once per worker process; 0: the queue's own figure, at most one per core"),
    setting("WORKER_MAX_TASKS_PER_CHILD", "0", Number(0), "tasks after which a child process is replaced; 0: the queue's own figure"),
    setting("WORKER_MAX_MEMORY_PER_CHILD", "0", Number(0), "KiB after which a child process is replaced once its task ends; 0: the queue's own figure"),
    setting("WORKER_KILL_MEMORY_PER_CHILD", "0", Number(0), "KiB at which a child process is ended at once; 0: the queue's own figure"),
    setting("WORKER_NO_PROGRESS_LIMIT", "0", Number(0), "seconds without progress after which a task is ended; 0: the queue's own figure"),
    setting("WORKER_SCRATCH_DIR", "", Text, "folder for children's scratch files, best on the file system of the documents (default: the system's temporary folder)"),
    setting("WORKER_SCRATCH_MAX_BYTES", "4294967296", Number(1), "bytes that a task may write to its scratch folder; at more it is ended"),
    setting("WORKER_SCRATCH_MAX_FILES", "20000", Number(1), "files and folders that a task may make in its scratch folder; at more it is ended"),
    setting("WORKER_SANDBOX_REQUIRED", "false", Bool, "true: a worker ends where the kernel does not grant every part of its children's sandbox"),
    setting("LEASE_SECONDS", "15", Seconds, "how long a claim stands without renewal, in seconds"),
    setting("POLL_SECONDS", "5", Seconds, "how often an idle worker looks into Postgres although Redis is silent, in seconds"),
    setting("DRAIN_SECONDS", "30", Seconds, "how long a stopping worker lets its tasks finish before it hands them back, in seconds"),
    // the scheduler
    setting("RETENTION_DAYS", "30", Number(1), "days that ended tasks of no document, and past firings of schedules, are kept"),
    setting("TIME_ZONE", "UTC", Text, "time zone of schedules, such as Europe/Berlin"),
    // time limits, seconds
    setting("DOCUMENT_WORKFLOW_TIME_LIMIT", "7200", Seconds, "seconds of work, waiting not counted, that one document may take"),
    setting("DOCUMENT_TEXT_AND_BBOXES_TIME_LIMIT", "3600", Seconds, "hard limit of a task in ocr, in seconds"),
    setting("PAGE_IMAGE_TIME_LIMIT", "600", Seconds, "hard limit of a task in processing, in seconds"),
    setting("PAGE_TEXT_TIME_LIMIT", "600", Seconds, "longest time for the recognition of one page, in seconds"),
    setting("CATEGORIZATION_TIME_LIMIT", "180", Seconds, "hard limit of a task in categorize, in seconds"),
    setting("EXTRACTION_TIME_LIMIT", "3600", Seconds, "hard limit of a task in extract, in seconds"),
    setting("SANDWICH_PDF_TIME_LIMIT", "1800", Seconds, "hard limit of a task in finalize, in seconds"),
    setting("TRAINING_CATEGORIZATION_TIME_LIMIT", "36000", Seconds, "hard limit of a task in training, in seconds"),
    setting("TRAINING_EXTRACTION_TIME_LIMIT", "72000", Seconds, "hard limit of a task in training_heavy, in seconds"),
    setting("EVALUATION_TIME_LIMIT", "3600", Seconds, "hard limit of a task in evaluation, in seconds"),
    setting("CLEAN_DELETED_DOCUMENT_TIME_LIMIT", "3600", Seconds, "hard limit of a task in maintenance, in seconds"),
    // logs and metrics
    setting("LOG", "info", Text, "what is logged, as in RUST_LOG: info, debug, broker=trace,…"),
    setting("LOG_FORMAT", "text", OneOf(&["text", "json"]), "text or json"),
    setting("METRICS_BIND", "", Text, "address and port where a process shows /metrics and asks for no key; `docfleet up` gives each process the next port; empty: nowhere"),
];

/// An address counts as the network of it alone.
pub(crate) fn parse_networks(text: &str) -> Option<Vec<IpNet>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let parse = |part: &str| {
        part.parse()
            .ok()
            .or_else(|| Some(IpNet::from(part.parse::<IpAddr>().ok()?)))
    };
    parts.map(parse).collect()
}

pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

impl Kind {
    pub(crate) fn check(self, text: &str) -> Result<(), String> {
        let fits = match self {
            Text => true,
            Seconds => text.parse::<f64>().is_ok_and(|s| s.is_finite() && s > 0.0),
            Number(least) => text.parse::<u64>().is_ok_and(|n| n >= least),
            Bool => parse_bool(text).is_some(),
            OneOf(words) => words.contains(&text),
            Url(schemes) => text.is_empty() || text.split_once("://").is_some_and(|(s, _)| schemes.contains(&s)),
            Address => text
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()),
            Networks => parse_networks(text).is_some(),
        };
        if fits { Ok(()) } else { Err(self.expectation()) }
    }

    fn expectation(self) -> String {
        match self {
            Text => "is not text".into(),
            Seconds => "must be a number of seconds above zero".into(),
            Number(least) => format!("must be a whole number of at least {least}"),
            Bool => "must be true or false".into(),
            OneOf(words) => format!("must be one of {}", words.join(", ")),
            Url(schemes) => format!(
                "must start with {}",
                schemes
                    .iter()
                    .map(|s| format!("{s}://"))
                    .collect::<Vec<_>>()
                    .join(" or ")
            ),
            Address => "must be address:port, such as 127.0.0.1:8080".into(),
            Networks => "must be addresses or networks joined by commas, such as 127.0.0.1,10.0.0.0/8".into(),
        }
    }
}
