use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let about = "The fleet's beat: due tasks, lost leases, schedules, tidying";
    let settings = boot::start("scheduler", about, scheduler::USES).settings;
    let run = async {
        let _metrics = boot::metrics::install(&settings, &[scheduler::METRICS, broker::METRICS]).await?;
        scheduler::run(&settings, &boot::Shutdown::listen()?.drain).await
    };
    match run.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
