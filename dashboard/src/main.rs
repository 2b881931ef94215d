use std::process::ExitCode;

fn main() -> ExitCode {
    boot::run("dashboard", dashboard::ABOUT, dashboard::USES, async |settings| {
        dashboard::run(&settings).await
    })
}
