//! Tests of the compose file that need no containers.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use queue_schema::WORKERS;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PASSWORD: &str = "4f1f5c0d";

fn compose(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../compose").join(file)).unwrap()
}

/// The lines after a line that are indented more than it.
fn below<'f>(text: &'f str, head: &str) -> Vec<&'f str> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().skip_while(|line| *line != head);
    let own = indent(lines.next().unwrap_or_else(|| panic!("no line {head:?}")));
    lines.take_while(|line| line.is_empty() || indent(line) > own).collect()
}

fn service(name: &str) -> String {
    below(&compose("docker-compose.yml"), &format!("  {name}:")).join("\n")
}

struct Redis(Child);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Runs the actual script of the compose file, on a Unix socket.
#[test]
fn redis_asks_for_a_password_that_no_list_of_processes_shows() {
    let tmp = tempfile::tempdir().unwrap();
    let socket = tmp.path().join("socket");
    let script = below(&service("redis"), "      - |").join("\n").replace("$$", "$");
    let on_a_socket = format!("port 0\n unixsocket {}\n", socket.display());
    let here = script
        .rsplit_once("        END")
        .map(|(script, _)| format!("{script}{on_a_socket}END"))
        .unwrap();
    let here: Vec<&str> = here.lines().map(str::trim).collect();
    let mut server = Redis(
        Command::new("sh")
            .arg("-c")
            .arg(here.join("\n"))
            .env("REDISCLI_AUTH", PASSWORD)
            .current_dir(tmp.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    while UnixStream::connect(&socket).is_err() {
        assert!(server.0.try_wait().unwrap().is_none(), "Redis ended");
        std::thread::yield_now();
    }
    let ping = |password: Option<&str>| {
        let mut client = Command::new("redis-cli");
        client.arg("-s").arg(&socket).arg("ping").env_remove("REDISCLI_AUTH");
        let answer = client
            .envs(password.map(|word| ("REDISCLI_AUTH", word)))
            .output()
            .unwrap();
        String::from_utf8(answer.stdout).unwrap()
    };
    assert!(ping(None).contains("NOAUTH"));
    assert_eq!(ping(Some(PASSWORD)), "PONG\n");
    let line = fs::read_to_string(format!("/proc/{}/cmdline", server.0.id())).unwrap();
    assert!(line.starts_with("redis-server") && !line.contains(PASSWORD), "{line}");
}

#[test]
fn every_worker_has_a_service_and_is_in_an_image() {
    let dockerfile = compose("Dockerfile");
    for worker in WORKERS {
        let service = service(worker.name);
        let lines: Vec<&str> = service.lines().map(str::trim).collect();
        let command = format!("command: [{}]", worker.binary());
        assert!(
            lines.contains(&command.as_str()),
            "service {} lacks {command}",
            worker.name
        );
        let scale = format!("scale: ${{{}_WORKERS:-", worker.name.to_uppercase());
        assert!(
            lines.iter().any(|line| line.starts_with(&scale)),
            "service {} lacks {scale}…}}",
            worker.name
        );
        let is_apart = service.contains("target: training");
        assert_eq!(
            is_apart, worker.needs_torch,
            "service {}: libtorch is in the image training",
            worker.name
        );
        assert!(!worker.needs_torch || dockerfile.contains(&format!("/target/release/{} ", worker.binary())));
    }
    // The others, by their common beginning.
    assert!(dockerfile.contains("-name 'worker-*' ! -name worker-training -exec cp -t /out/fleet"));
}

#[test]
fn no_password_has_a_value_that_everybody_knows() {
    let (file, example) = (compose("docker-compose.yml"), compose(".env.example"));
    for name in ["POSTGRES_PASSWORD", "REDIS_PASSWORD"] {
        assert!(
            file.contains(&format!("${{{name}:?set it in .env}}")),
            "{name} may be absent"
        );
        assert!(
            !file.contains(&format!("${{{name}:-")) && !file.contains(&format!("${{{name}}}")),
            "{name}"
        );
        assert!(
            example.lines().any(|line| line == format!("{name}=")),
            "{name} has a value"
        );
    }
    assert!(file.contains("BROKER_URL: redis://:${REDIS_PASSWORD:?"));
}

#[test]
fn metrics_are_shown_on_the_inner_network_alone() {
    let file = compose("docker-compose.yml");
    assert!(
        !file
            .lines()
            .any(|line| line.contains("ports:") && line.contains("9090"))
    );
    let services = below(&file, "services:");
    let names = services
        .iter()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let mut outside = Vec::new();
    for name in names.filter(|name| !name.starts_with(' ')) {
        let service = service(name);
        if !service.contains("outside") {
            continue;
        }
        let bind = service
            .lines()
            .find_map(|line| line.trim().strip_prefix("METRICS_BIND: "));
        let host = bind
            .and_then(|bind| bind.strip_suffix(":9090"))
            .unwrap_or_else(|| panic!("{name} shows them everywhere"));
        assert!(
            service.contains(&format!("inside: {{ aliases: [{host}] }}")),
            "{name}: {host}"
        );
        outside.push(name);
    }
    assert_eq!(outside, ["gateway", "dashboard"]);
}
