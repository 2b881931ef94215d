use pages::Limits;
use settings::PAGE_IMAGES_BYTES;
use std::process::ExitCode;
use worker_finalize::handler::{Finalize, MakeSearchable};
use worker_finalize::maintenance::{Delete, Sweep};

fn main() -> ExitCode {
    kit::worker(
        "worker-finalize",
        "Makes what people download, and takes away what they delete",
    )
    .job::<Finalize>()
    .job::<MakeSearchable>()
    .supervisor_job::<Delete>()
    .supervisor_job::<Sweep>()
    .uses(Limits::SETTINGS)
    .uses(&[&PAGE_IMAGES_BYTES])
    .run()
}
