use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// Gives memory back soon after a burst of uploads; the system's allocator keeps what it once had.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    boot::run("api-gateway", api_gateway::ABOUT, api_gateway::USES, async |settings| {
        api_gateway::run(&settings).await
    })
}
