use std::process::ExitCode;

fn main() -> ExitCode {
    boot::run("api-gateway", api_gateway::ABOUT, api_gateway::USES, async |settings| {
        api_gateway::run(&settings).await
    })
}
