use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// Returns memory to the system soon after a burst of uploads. The system's allocator keeps most of it.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    boot::run("api-gateway", api_gateway::ABOUT, api_gateway::USES, async |settings| {
        api_gateway::run(&settings).await
    })
}
