use std::process::ExitCode;

fn main() -> ExitCode {
    let about = "Periodic duties of the fleet: due tasks, lost leases, schedules, clean-up";
    boot::run("scheduler", about, scheduler::USES, async |settings| {
        let _metrics = boot::metrics::install(&settings, &[scheduler::METRICS, broker::METRICS]).await?;
        scheduler::run(&settings, &boot::Shutdown::listen()?.drain).await
    })
}
