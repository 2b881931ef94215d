use pages::Limits;
use std::process::ExitCode;
use worker_finalize::handler::{Delete, Finalize, MakeSearchable, Sweep};

fn main() -> ExitCode {
    kit::worker(
        "worker-finalize",
        "Makes what people download, and takes away what they delete",
    )
    .job::<Finalize>()
    .job::<MakeSearchable>()
    .job::<Delete>()
    .job::<Sweep>()
    .uses(Limits::SETTINGS)
    .uses(&["PAGE_IMAGES_BYTES"])
    .run()
}
