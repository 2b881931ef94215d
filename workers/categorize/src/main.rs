use std::process::ExitCode;
use worker_categorize::handler::Categorize;

fn main() -> ExitCode {
    kit::worker("worker-categorize", "Tells what kind of document it is")
        .job::<Categorize>()
        .run()
}
