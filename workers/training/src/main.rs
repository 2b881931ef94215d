use std::process::ExitCode;
use worker_training::evaluate::Evaluate;
use worker_training::handler::Train;

fn main() -> ExitCode {
    kit::worker("worker-training", "Trains models from documents that people labelled")
        .job::<Train>()
        .job::<Evaluate>()
        .run()
}
