//! The table. Names are those that operators of such systems already know where there is such a name.

use crate::kind::{Address, Bool, List, Networks, Number, OneOf, Optional, Seconds, Text, Url};
use crate::setting::{Entry, Setting};

/// `NAME Kind = "default", "what it does, with its unit";` makes a constant of that name and a row of [`ALL`]. A `#[secret]` is
/// given by environment or file alone, as everybody may read a command line, and it is shown nowhere.
macro_rules! settings {
    ($($(#[$mark:ident])? $name:ident $kind:ident $(($($bound:tt)*))? = $default:literal, $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $name: Setting<$kind> = Setting {
                name: stringify!($name),
                default: $default,
                secret: settings!(@is_secret $($mark)?),
                help: $help,
                kind: $kind $(($($bound)*))?,
            };
        )*

        /// Every setting, in the order in which operators read them.
        pub static ALL: &[&dyn Entry] = &[$(&$name),*];
    };
    (@is_secret secret) => { true };
    (@is_secret) => { false };
}

settings! {
    // where things are
    DATABASE_URL Url(&["postgres", "postgresql"]) = "", "Postgres, postgres://user:password@host:port/name";
    BROKER_URL Url(&["redis", "redis+unix", "unix"]) = "", "Redis, redis://host:port/0 or redis+unix:///path";
    STORAGE_URL Url(&["file"]) = "", "where documents' bytes lie, file:///path";
    DATABASE_FOLDER Optional = "", "folder that Postgres writes to, where that is on this machine: its free space is watched; `docfleet up` names that of its own";
    STORAGE_RESERVE_BYTES Number(0) = "0", "bytes that stay free where documents, scratch files and the database lie: below it uploads are refused and tasks wait; 0: 1 GiB, or 5 % of a file system smaller than 20 GiB";
    HOST_NAME Optional = "", "this machine's name as the fleet shows it (default: the system's)";
    // the gateway
    BIND Address = "127.0.0.1:8080", "address and port of the gateway";
    ALLOWED_HOSTS List = "localhost,127.0.0.1,[::1]", "comma-separated Host names that the gateway and the dashboard answer to";
    CORS_ALLOWED_ORIGINS List = "", "comma-separated origins of pages that may use the gateway's API with a key, such as https://app.example";
    TRUSTED_PROXIES Networks = "", "comma-separated addresses or networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8";
    MAINTENANCE_MODE Bool = "false", "true: uploads are refused with 503, everything else goes on";
    MAX_UPLOAD_BYTES Number(1) = "536870912", "largest accepted upload, in bytes";
    // those who call the gateway
    #[secret] API_KEY Optional = "", "key that the command line shows the gateway, as `docfleet keys add` made it";
    // the dashboard
    DASHBOARD_BIND Address = "127.0.0.1:8081", "address and port of the dashboard";
    // documents
    MAX_PAGES Number(1) = "5000", "most pages of a document";
    MAX_PAGE_PIXELS Number(1000) = "100000000", "most pixels of one page's image";
    OCR_LANGUAGES Text = "eng+deu", "Tesseract languages for documents that name none, joined by +";
    ALWAYS_GENERATE_SANDWICH_PDF Bool = "true", "false: the searchable PDF is made when it is first asked for";
    THRESHOLD_FOR_HEAVY_TRAINING Number(1) = "150", "from this many documents on, a training goes to training_heavy";
    PAGE_IMAGES_BYTES Number(0) = "2147483648", "bytes of page images that are kept for the next to look at them; the least recently used go first";
    // workers
    WORKER_SLOTS Number(0) = "0", "tasks at once per worker process; 0: the queue's own figure, at most one per core";
    WORKER_MAX_TASKS_PER_CHILD Number(0) = "0", "tasks after which a child process is replaced; 0: the queue's own figure";
    WORKER_MAX_MEMORY_PER_CHILD Number(0) = "0", "KiB after which a child process is replaced once its task ends; 0: the queue's own figure";
    WORKER_KILL_MEMORY_PER_CHILD Number(0) = "0", "KiB at which a child process is ended at once; 0: the queue's own figure";
    WORKER_NO_PROGRESS_LIMIT Number(0) = "0", "seconds without progress after which a task is ended; 0: the queue's own figure";
    WORKER_SCRATCH_DIR Optional = "", "folder for children's scratch files, best on the file system of the documents (default: the system's temporary folder)";
    WORKER_SCRATCH_MAX_BYTES Number(1) = "4294967296", "bytes that a task may write to its scratch folder; at more it is ended";
    WORKER_SCRATCH_MAX_FILES Number(1) = "20000", "files and folders that a task may make in its scratch folder; at more it is ended";
    WORKER_SANDBOX_REQUIRED Bool = "false", "true: a worker ends where the kernel does not grant every part of its children's sandbox";
    LEASE_SECONDS Seconds = "15", "how long a claim stands without renewal, in seconds";
    POLL_SECONDS Seconds = "5", "how often an idle worker looks into Postgres although Redis is silent, in seconds";
    DRAIN_SECONDS Seconds = "30", "how long a stopping worker lets its tasks finish before it hands them back, in seconds";
    // the scheduler
    RETENTION_DAYS Number(1) = "30", "days that ended tasks of no document, and past firings of schedules, are kept";
    TIME_ZONE Text = "UTC", "time zone of schedules, such as Europe/Berlin";
    // time limits, seconds
    DOCUMENT_WORKFLOW_TIME_LIMIT Seconds = "7200", "seconds of work, waiting not counted, that one document may take";
    DOCUMENT_TEXT_AND_BBOXES_TIME_LIMIT Seconds = "3600", "hard limit of a task in ocr, in seconds";
    PAGE_IMAGE_TIME_LIMIT Seconds = "600", "hard limit of a task in processing, in seconds";
    PAGE_TEXT_TIME_LIMIT Seconds = "600", "longest time for the recognition of one page, in seconds";
    CATEGORIZATION_TIME_LIMIT Seconds = "180", "hard limit of a task in categorize, in seconds";
    EXTRACTION_TIME_LIMIT Seconds = "3600", "hard limit of a task in extract, in seconds";
    SANDWICH_PDF_TIME_LIMIT Seconds = "1800", "hard limit of a task in finalize, in seconds";
    TRAINING_CATEGORIZATION_TIME_LIMIT Seconds = "36000", "hard limit of a task in training, in seconds";
    TRAINING_EXTRACTION_TIME_LIMIT Seconds = "72000", "hard limit of a task in training_heavy, in seconds";
    EVALUATION_TIME_LIMIT Seconds = "3600", "hard limit of a task in evaluation, in seconds";
    CLEAN_DELETED_DOCUMENT_TIME_LIMIT Seconds = "3600", "hard limit of a task in maintenance, in seconds";
    // logs and metrics
    LOG Text = "info", "what is logged, as in RUST_LOG: info, debug, broker=trace,…";
    LOG_FORMAT OneOf(&["text", "json"]) = "text", "text or json";
    METRICS_BIND Optional = "", "address and port where a process shows /metrics and asks for no key; `docfleet up` gives each process the next port; empty: nowhere";
}
