//! Server processes that never outlive the test process.

use crate::wait::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(10);

/// Runs `program` so that the kernel kills it when this process ends. When run by root, it runs as `user`: Postgres refuses to
/// run as root.
pub(crate) fn server(program: impl AsRef<std::ffi::OsStr>, user: Option<&str>) -> Command {
    let mut command = Command::new("setpriv");
    if let Some(user) = user.filter(|_| rustix::process::geteuid().is_root()) {
        command.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups"]);
    }
    command.args(["--pdeathsig", "KILL"]).arg(program);
    quiet(&mut command);
    command
}

pub(crate) fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

type Order = (Command, mpsc::Sender<std::io::Result<Child>>);

/// Starts a process from a thread that lives as long as this process: the kernel sends the parent-death signal when the
/// *thread* that started a process ends, and each test has a thread of its own.
pub(crate) fn spawn(command: Command) -> Child {
    static SPAWNER: OnceLock<mpsc::Sender<Order>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (give, orders) = mpsc::channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, answer) in orders {
                let _ = answer.send(command.spawn());
            }
        });
        give
    });
    let (answer, spawned) = mpsc::channel();
    let name = command.get_args().last().map(|a| a.to_string_lossy().into_owned());
    spawner.send((command, answer)).expect("the spawning thread lives");
    let spawned = spawned.recv().expect("the spawning thread answers");
    spawned.unwrap_or_else(|e| panic!("{} cannot be started: {e}", name.unwrap_or_default()))
}

/// Ends a server with `signal`, or with SIGKILL if it takes too long.
pub(crate) fn stop(child: &mut Child, signal: Signal) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
    let began = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if began.elapsed() > Duration::from_secs(10) {
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Polls until a freshly started server answers.
pub(crate) fn until_up(what: &str, child: &mut Child, mut answers: impl FnMut() -> bool) {
    let began = Instant::now();
    while !answers() {
        if let Ok(Some(status)) = child.try_wait() {
            panic!("{what} ended as it was started: {status}");
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not answer within {PATIENCE:?}");
        std::thread::sleep(PAUSE);
    }
}
