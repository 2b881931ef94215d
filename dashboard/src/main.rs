use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let started = boot::start("dashboard", dashboard::ABOUT, dashboard::USES);
    match dashboard::run(&started.settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
