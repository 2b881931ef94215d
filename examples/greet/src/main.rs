use std::process::ExitCode;
use worker_greet::Greeting;

fn main() -> ExitCode {
    kit::worker("worker-greet", "Greets").job::<Greeting>().run()
}
