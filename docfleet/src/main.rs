fn main() -> std::process::ExitCode {
    docfleet::run()
}
