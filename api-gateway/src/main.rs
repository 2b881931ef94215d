use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Gives memory back soon after a burst of uploads; the system's allocator keeps what it once had.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
