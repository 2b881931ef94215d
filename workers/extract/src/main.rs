use std::process::ExitCode;
use worker_extract::handler::Extract;

fn main() -> ExitCode {
    kit::worker("worker-extract", "Finds a document's fields")
        .job::<Extract>()
        .run()
}
