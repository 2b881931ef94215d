//! The users that the processes of a fleet run as.

use crate::support::Fleet;
use fleet_tests::tree::Process;
use rustix::process::geteuid;
use std::fs;

const SERVERS: [&str; 5] = ["postgres", "redis-server", "api-gateway", "dashboard", "scheduler"];
/// The capability to listen on ports below 1024, and no other, as the kernel prints it.
const NET_BIND_SERVICE: &str = "0000000000000400";
const NONE: &str = "0000000000000000";

#[tokio::test]
async fn of_a_roots_fleet_no_server_is_root() {
    if !geteuid().is_root() {
        return; // An ordinary user's fleet runs as that user.
    }
    let fleet = Fleet::up(&[]).await;
    // The gateway writes a document, workers read and write it as root, and the gateway reads it again.
    let out = tempfile::tempdir().expect("a temporary folder");
    let rows = fleet.process(&[samples::documents_dir().join("letter-de.pdf")], out.path());
    assert!(rows.len() == 1 && rows[0].status == "done");

    let servers = fleet.processes();
    let servers: Vec<&Process> = servers
        .iter()
        .filter(|process| SERVERS.contains(&process.name()))
        .collect();
    for name in SERVERS {
        assert!(
            servers.iter().any(|server| server.name() == name),
            "{name} does not run"
        );
    }
    for server in servers {
        let (name, status) = (
            server.name(),
            fs::read_to_string(format!("/proc/{}/status", server.pid())),
        );
        // Postgres starts and ends processes at any time, so one may be gone.
        let Ok(status) = status else { continue };
        let field = |field: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(field));
            line.expect("the kernel tells it").trim().to_owned()
        };
        for ids in ["Uid:", "Gid:", "Groups:"] {
            assert!(field(ids).split_whitespace().all(|id| id != "0"), "{name}: {status}");
        }
        for set in ["CapPrm:", "CapEff:"] {
            assert!(
                [NONE, NET_BIND_SERVICE].contains(&field(set).as_str()),
                "{name}: {status}"
            );
        }
    }
}
