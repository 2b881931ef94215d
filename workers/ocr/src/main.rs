use std::process::ExitCode;
use worker_ocr::handler::{Open, Read, Render, SETTINGS};

fn main() -> ExitCode {
    kit::worker(
        "worker-ocr",
        "Opens documents, reads their pages, and makes images of pages",
    )
    .job::<Open>()
    .job::<Read>()
    .job::<Render>()
    .uses(SETTINGS)
    .run()
}
