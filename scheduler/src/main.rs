#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let about = "The fleet's beat: due tasks, lost leases, schedules, tidying";
    let started = boot::start("scheduler", about, scheduler::USES);
    let _metrics = boot::metrics::install(&started.settings, &[scheduler::METRICS, broker::METRICS]).await?;
    scheduler::run(&started.settings, &boot::Shutdown::listen()?.drain).await
}
