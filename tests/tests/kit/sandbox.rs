//! What a child process may not do, attempted by a child. Each test runs for a worker that is root, whose children run as
//! separate users, and for one that is an ordinary user, as far as the tests have the permissions.

use crate::support::{Fleet, Worker, gone, runs};
use broker::inspect::Sandbox;
use fleet_tests::trial::{Forbidden, Step};
use fleet_tests::wait_for;

use rustix::process::geteuid;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;

const PERMISSION: &str = "os error 13"; // EACCES
const NOT_PERMITTED: [&str; 2] = ["os error 1)", "EPERM"];
const NOBODY: &[&str] = &["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

/// Commands that start a worker as each kind of user.
pub fn users() -> Vec<&'static [&'static str]> {
    if geteuid().is_root() {
        vec![&[], NOBODY]
    } else {
        vec![&[]]
    }
}

/// The result of an attempt.
pub async fn attempt(fleet: &Fleet, what: Forbidden) -> String {
    let tell = fleet.sign("told");
    let _ = fs::remove_file(&tell);
    let task = fleet.enqueue([Step::Try(what, tell.clone())]).await;
    fleet.done_once(task).await;
    fs::read_to_string(tell).expect("told")
}

pub fn is_refusal(told: &str) -> bool {
    told.starts_with("refused") && (told.contains(PERMISSION) || NOT_PERMITTED.iter().any(|words| told.contains(words)))
}

pub async fn refused(fleet: &Fleet, what: Forbidden) {
    let told = attempt(fleet, what.clone()).await;
    assert!(is_refusal(&told), "{what:?}: {told}");
}

/// Runs the test with a worker of each kind of user, each in a fleet of its own.
pub async fn each(test: impl AsyncFn(&Fleet, &Worker)) {
    for user in users() {
        let fleet = Fleet::new(&[]).await;
        let worker = fleet.worker_by(user).await;
        test(&fleet, &worker).await;
    }
}

#[tokio::test]
async fn there_is_no_network() {
    each(async |fleet, _| {
        refused(fleet, Forbidden::TcpSocket).await;
        refused(fleet, Forbidden::UdpSocket).await;
        let url = fleet.home().env().into_iter().find(|(name, _)| name == "DATABASE_URL");
        let url = url.expect("a database").1.replace("%2F", "/");
        let folder = url.split_once('@').and_then(|(_, rest)| rest.rsplit_once('/'));
        let socket = Path::new(folder.expect("on a Unix socket").0).join(".s.PGSQL.5432");
        assert!(socket.exists(), "{}", socket.display());
        refused(fleet, Forbidden::UnixSocket(socket)).await;
    })
    .await;
}

#[tokio::test]
async fn no_word_reaches_a_socket_outside() {
    each(async |fleet, _| {
        let name = fleet.outside("socket");
        let socket = UnixDatagram::bind(&name).expect("our own folder");
        fs::set_permissions(&name, Permissions::from_mode(0o777)).expect("our own socket");
        socket.set_nonblocking(true).expect("our own socket");
        refused(fleet, Forbidden::SendTo(name)).await;
        let heard = socket.recv(&mut [0; 16]).expect_err("a word came in");
        assert_eq!(heard.kind(), ErrorKind::WouldBlock);
    })
    .await;
}

#[tokio::test]
async fn files_are_out_of_reach() {
    each(async |fleet, _| {
        let stored = fleet.home().storage().join("original");
        fs::write(&stored, "somebody else's document").expect("our own folder");
        fs::set_permissions(&stored, Permissions::from_mode(0o644)).expect("our own file");
        for path in ["/etc/shadow", "/etc/hostname", "/etc/ssl/openssl.cnf"] {
            assert!(Path::new(path).exists(), "{path}");
            refused(fleet, Forbidden::Read(path.into())).await;
        }
        refused(fleet, Forbidden::Read(stored)).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_or_changed_outside() {
    each(async |fleet, _| {
        for path in [
            fleet.outside("file"),
            std::env::temp_dir().join(format!("docfleet-outside-{}", std::process::id())),
        ] {
            refused(fleet, Forbidden::Write(path.clone())).await;
            assert!(!path.exists());
        }
        // The worker's own folder. An ordinary worker's child runs as the same user, which owns the folder.
        let owned = fs::read_dir(fleet.scratch()).expect("a folder").flatten().next();
        refused(fleet, Forbidden::ChangeMode(owned.expect("the worker's").path())).await;
    })
    .await;
}

/// Data on the disk that is in no folder could not be counted.
#[tokio::test]
async fn what_was_written_stays_in_sight() {
    each(async |fleet, _| {
        refused(fleet, Forbidden::Remove).await;
        refused(fleet, Forbidden::WriteUnseen).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_written_is_no_program() {
    each(async |fleet, _| {
        refused(fleet, Forbidden::RunOwnProgram).await;
        refused(fleet, Forbidden::RunFromMemory).await;
        refused(fleet, Forbidden::RunOpened).await;
    })
    .await;
}

fn words(words: &[&str]) -> Forbidden {
    Forbidden::Run(words.iter().copied().map(str::to_owned).collect())
}

#[tokio::test]
async fn only_programs_that_the_tools_name_are_started() {
    for user in users() {
        let fleet = Fleet::new(&[]).await;
        let named = fleet.program("worker-test").with_file_name("named");
        fs::copy("/usr/bin/id", &named).expect("a copy");
        let folder = format!("PATH={}", named.parent().expect("a folder").display());
        let launcher = [user, &["env", &folder]].concat();
        let _worker = fleet.worker_by(&launcher).await;
        refused(&fleet, words(&["/usr/bin/id"])).await;
        let told = attempt(&fleet, words(&[&named.to_string_lossy()])).await;
        assert!(told.starts_with("got uid="), "{told}");
    }
}

#[tokio::test]
async fn where_the_tools_name_no_program_nothing_is_started_and_no_code_is_added() {
    for user in users() {
        let fleet = Fleet::new(&[]).await;
        let launcher = [user, &["env", "PATH="]].concat();
        let _worker = fleet.worker_by(&launcher).await;
        refused(&fleet, words(&["/usr/bin/id"])).await;
        refused(&fleet, Forbidden::LoadOwnProgram).await;
        refused(&fleet, Forbidden::MapOwnFile).await;
        refused(&fleet, Forbidden::MakeCode).await;
    }
}

#[tokio::test]
async fn another_slots_folder_is_out_of_reach() {
    for user in users() {
        let fleet = Fleet::new(&[("WORKER_SLOTS", "2")]).await;
        let _worker = fleet.worker_by(user).await;
        let neighbour = fleet
            .enqueue([Step::SignIn(fleet.sign("in")), Step::AwaitFile(fleet.sign("go"))])
            .await;
        fleet.pids("in", 1).await;
        let told = fs::read_to_string(fleet.sign("in")).expect("signed in");
        let folder = PathBuf::from(told.trim_end().split_once(' ').expect("a folder").1);
        assert!(folder.is_dir(), "{told}");
        refused(&fleet, Forbidden::Write(folder.join("file"))).await;
        refused(&fleet, Forbidden::Read(folder)).await;
        fleet.give("go");
        fleet.done_once(neighbour).await;
    }
}

#[tokio::test]
async fn the_supervisor_is_out_of_reach() {
    each(async |fleet, worker| {
        refused(fleet, Forbidden::ReadParents("environ".into())).await;
        refused(fleet, Forbidden::ReadParents("mem".into())).await;
        refused(fleet, Forbidden::ReadParents("fd/0".into())).await;
        refused(fleet, Forbidden::ReadParentsMemory).await;
        refused(fleet, Forbidden::TraceParent).await;
        refused(fleet, Forbidden::SignalParent).await;
        refused(fleet, Forbidden::SlowParent).await;
        assert!(runs(worker.pid()));
    })
    .await;
}

#[tokio::test]
async fn other_processes_of_the_user_cannot_read_the_environment() {
    let fleet = Fleet::new(&[]).await;
    let user = users().pop().expect("a user");
    let worker = fleet.worker_by(user).await;
    let words: Vec<&str> = user.iter().copied().chain(["cat"]).collect();
    let read = |pid: i32| {
        let cat = Command::new(words[0])
            .args(&words[1..])
            .arg(format!("/proc/{pid}/environ"))
            .output();
        cat.expect("cat runs")
    };
    let output = read(worker.pid());
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
}

async fn no_capabilities(fleet: &Fleet) {
    let status = ["grep", "^Cap", "/proc/self/status"].map(str::to_owned).to_vec();
    let told = attempt(fleet, Forbidden::Run(status)).await;
    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        assert!(told.contains(&format!("{set}:\t0000000000000000")), "{told}");
    }
}

#[tokio::test]
async fn no_privileges_are_gained() {
    each(async |fleet, _| {
        let program = fleet.program("worker-test").with_file_name("id");
        fs::copy("/usr/bin/id", &program).expect("a copy");
        // Run by root, a set-user-id file would make its user root, unless that is refused.
        fs::set_permissions(&program, Permissions::from_mode(0o4755)).expect("our own file");
        let told = attempt(fleet, Forbidden::Run(vec![program.to_string_lossy().into_owned()])).await;
        assert!(
            told.starts_with("got uid=") && !told.contains("uid=0") && !told.contains("groups=0"),
            "{told}"
        );

        no_capabilities(fleet).await;
        let told = attempt(fleet, Forbidden::NewUserNamespace).await;
        assert!(told.contains("Operation not permitted"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn what_was_left_open_before_a_worker_began_stays_there() {
    for user in users() {
        let fleet = Fleet::new(&[]).await;
        let leaves_open = ["sh", "-c", "exec 9</etc/hostname && exec \"$@\"", "sh"];
        let launcher: Vec<&str> = leaves_open.into_iter().chain(user.iter().copied()).collect();
        let worker = fleet.worker_by(&launcher).await;
        // An ordinary user may not look into the worker, not even into its own.
        let has_it = Path::new(&format!("/proc/{}/fd/9", worker.pid())).exists();
        assert_eq!(has_it, geteuid().is_root());
        let told = attempt(
            &fleet,
            Forbidden::Run(["ls", "/proc/self/fd"].map(str::to_owned).to_vec()),
        )
        .await;
        assert!(told.starts_with("got 0 1 2 3"), "{told}");
        let told = attempt(&fleet, Forbidden::Read("/proc/self/fd/9".into())).await;
        assert!(told.contains("os error 2"), "{told}");
    }
}

fn is_roots(pid: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

#[tokio::test]
async fn every_part_that_there_should_be_is_granted() {
    each(async |_, worker| {
        worker.logs("sandbox: ").await;
        let log = worker.log();
        let line = log.lines().find(|line| line.contains("sandbox: ")).expect("a line");
        assert_eq!(line.contains("own user"), is_roots(worker.pid()), "{line}");
        for part in ["files", "network", "system calls", "signals", "processes", "privileges"] {
            assert!(line.contains(part), "{line}");
        }
        assert!(!line.contains("missing"), "{line}");
    })
    .await;
}

/// The sandbox of its children, as a worker reports it to the fleet.
async fn told_sandbox(fleet: &Fleet, worker: &Worker) -> Sandbox {
    wait_for("the worker to tell of its sandbox", async || {
        let rows = fleet.workers().await;
        rows.into_iter().find(|row| row.id == worker.id)?.sandbox
    })
    .await
}

#[tokio::test]
async fn the_fleet_is_told_what_is_granted_and_what_is_missing() {
    each(async |fleet, worker| {
        let sandbox = told_sandbox(fleet, worker).await;
        assert!(sandbox.missing.is_empty(), "{sandbox:?}");
        assert_eq!(
            sandbox.granted.iter().any(|part| part == "own user"),
            is_roots(worker.pid()),
            "{sandbox:?}"
        );
    })
    .await;
    let fleet = Fleet::new(&[]).await;
    let old_kernel = fleet.program("old-kernel");
    let worker = fleet.worker_by(&[old_kernel.to_str().expect("a path")]).await;
    let sandbox = told_sandbox(&fleet, &worker).await;
    let files = sandbox.missing.iter().find(|gap| gap.part == "files");
    assert!(
        files.is_some_and(|gap| gap.reason.contains("no Landlock")),
        "{sandbox:?}"
    );
}

#[tokio::test]
async fn a_kernel_without_landlock_is_told_and_where_all_is_required_fatal() {
    const GAP: &str = "files (this kernel has no Landlock";
    let fleet = Fleet::new(&[]).await;
    let old_kernel = fleet.program("old-kernel");
    let old_kernel: &[&str] = &[old_kernel.to_str().expect("a path")];
    let worker = fleet.worker_by(old_kernel).await;
    worker.logs(GAP).await;
    let task = fleet.enqueue([]).await;
    fleet.done_once(task).await;

    let fleet = Fleet::new(&[("WORKER_SANDBOX_REQUIRED", "true")]).await;
    let mut worker = fleet.start(old_kernel, &[]);
    assert!(!worker.ended().await);
    let log = worker.log();
    assert!(
        log.contains("setting WORKER_SANDBOX_REQUIRED") && log.contains(GAP),
        "{log}"
    );

    let worker = fleet.worker().await;
    let task = fleet.enqueue([]).await;
    fleet.done_once(task).await;
    drop(worker);
}

#[tokio::test]
async fn a_root_without_its_powers_has_no_user_to_give_and_says_so() {
    if !geteuid().is_root() {
        eprintln!("not shown: only root can give up a capability of root's");
        return;
    }
    let fleet = Fleet::new(&[]).await;
    let worker = fleet.worker_by(&["setpriv", "--bounding-set=-setuid"]).await;
    worker
        .logs("own user (the worker is root without capability SETUID)")
        .await;
    // The parts that do not need it are in force.
    no_capabilities(&fleet).await;
    refused(&fleet, Forbidden::ReadParents("environ".into())).await;
    refused(&fleet, Forbidden::SignalParent).await;
    refused(&fleet, Forbidden::Read("/etc/shadow".into())).await;
    let signed = fleet.enqueue([Step::SignIn(fleet.sign("in"))]).await;
    fleet.done_once(signed).await;
    drop(worker);
    gone(&fleet.pids("in", 1).await).await;
}
