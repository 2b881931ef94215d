use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let started = boot::start("api-gateway", api_gateway::ABOUT, api_gateway::USES);
    match api_gateway::run(&started.settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
