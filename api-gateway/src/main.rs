#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let started = boot::start("api-gateway", api_gateway::ABOUT, api_gateway::USES);
    api_gateway::run(&started.settings).await
}
