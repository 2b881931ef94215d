use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Gives memory back soon after a burst of uploads; the system's allocator keeps what it once had.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    boot::run("api-gateway", api_gateway::ABOUT, api_gateway::USES, async |settings| {
        api_gateway::run(&settings).await
    })
}
