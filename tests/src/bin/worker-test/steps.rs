//! Runs the steps.

use crate::forbidden;
use fleet_tests::trial::Step;
use kit::{Failure, RunHandle};
use nix::sys::signal::{SIGTERM, SigHandler, SigSet, signal};
use queue_schema::document::{DocumentError, ErrorCode};
use rustix::fs::{Mode, OFlags, mkdirat, openat};
use rustix::process::{Signal, getpid, kill_process};
use std::fs::{self, OpenOptions};
use std::hint::black_box;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{BorrowedFd, RawFd};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(5);
const MIB: usize = 1 << 20;

pub fn take(step: &Step, run: &mut RunHandle) -> Result<(), Failure> {
    match step {
        Step::SignIn(file) => add_line(file, &format!("{} {}", std::process::id(), run.scratch().display()))?,
        Step::TellEnvironment(file) => fs::write(file, environment()).map_err(Failure::transient)?,
        Step::AwaitFile(file) => wait_for(file, || {}),
        Step::AwaitFileReporting(file) => report_until(file, run),
        Step::Try(what, tell) => add_line(tell, &forbidden::attempt(what, run.scratch()))?,
        Step::ForkBomb { name, in_background } => fork_bomb(name, *in_background)?,
        Step::HangBefore | Step::HangAfter | Step::ThenDo(_) | Step::Answer { .. } => {}
        Step::AwaitGivingWay { steps } => {
            run.progress(0, *steps);
            while !run.should_give_way() {
                std::thread::sleep(PAUSE);
            }
        }
        Step::AwaitStop => return Err(wait_for_stop(run)),
        Step::Spin => spin(),
        Step::IgnoreSigterm => ignore_sigterm().map_err(Failure::transient)?,
        Step::BlockSignals => SigSet::all().thread_block().map_err(Failure::transient)?,
        Step::HoardAt { mib_per_second, file } => hoard_at(*mib_per_second, file)?,
        Step::Hoard { step, upto } => hoard(*step, *upto),
        Step::Leak { mib } => drop(Box::leak(touched(*mib).into_boxed_slice())),
        Step::Orphan { file, own_session } => orphan(file, *own_session)?,
        Step::ReadStdin => read_stdin()?,
        Step::Litter => fs::write(run.scratch().join("litter"), "left").map_err(Failure::transient)?,
        Step::Write { mib } => fs::write(run.scratch().join("fill"), vec![1; mib * MIB]).map_err(Failure::transient)?,
        Step::Fill { files, bytes } => fill(*files, *bytes).map_err(Failure::transient)?,
        Step::Dig { depth } => dig(run.scratch(), *depth).map_err(Failure::transient)?,
        Step::Say(words) => eprintln!("{words}"),
        Step::Log(words) => tracing::warn!("{words}"),
        Step::Abort => std::process::abort(),
        Step::Segfault => segfault(),
        Step::Panic => panic!("this step panics"),
        Step::Babble(bytes) => babble(bytes).map_err(Failure::transient)?,
        Step::FloodStderr { bytes } => flood_stderr(*bytes).map_err(Failure::transient)?,
        Step::FloodProgress { frames } => (1..=*frames).for_each(|n| run.progress(n, *frames)),
        Step::Fail {
            transient: true,
            message,
        } => return Err(Failure::transient(message)),
        Step::Fail {
            transient: false,
            message,
        } => {
            return Err(DocumentError::new(ErrorCode::CorruptFile, message).into());
        }
        Step::FailOnce(file) => fail_once(file)?,
        Step::Sleep { ms } => std::thread::sleep(Duration::from_millis(*ms)),
    }
    Ok(())
}

/// Other children, which are other users, add to the file as well.
fn add_line(file: &Path, line: &str) -> Result<(), Failure> {
    rustix::process::umask(Mode::empty());
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened
        .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        .map_err(Failure::transient)
}

fn fail_once(file: &Path) -> Result<(), Failure> {
    match OpenOptions::new().create_new(true).write(true).open(file) {
        Ok(_) => Err(Failure::transient("the first run fails")),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Failure::transient(error)),
    }
}

fn environment() -> String {
    std::env::vars()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect()
}

fn wait_for(file: &Path, mut meanwhile: impl FnMut()) {
    while !file.exists() {
        meanwhile();
        std::thread::sleep(PAUSE);
    }
}

fn report_until(file: &Path, run: &mut RunHandle) {
    let mut done = 0;
    wait_for(file, || {
        done += 1;
        run.progress(done, u32::MAX);
        std::thread::sleep(Duration::from_millis(100));
    });
}

fn wait_for_stop(run: &RunHandle) -> Failure {
    while !run.should_stop() {
        std::thread::sleep(PAUSE);
    }
    DocumentError::new(ErrorCode::TimedOut, "put down at the soft limit").into()
}

fn spin() -> ! {
    let mut n = 0u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

fn ignore_sigterm() -> nix::Result<()> {
    #[expect(unsafe_code, reason = "ignoring a signal runs nothing in its handler")]
    unsafe { signal(SIGTERM, SigHandler::SigIgn) }.map(drop)
}

/// Allocates resident memory: every page is written to.
fn touched(mib: usize) -> Vec<u8> {
    black_box(vec![1; mib * MIB])
}

fn hoard(step: usize, upto: usize) {
    let hoarded: Vec<_> = (0..upto / step).map(|_| touched(step)).collect();
    black_box(&hoarded);
    std::thread::park();
}

fn hoard_at(mib_per_second: u32, file: &Path) -> Result<(), Failure> {
    let mut told = fs::File::create(file).map_err(Failure::transient)?;
    let (began, mut hoarded) = (Instant::now(), Vec::new());
    for n in 1..=10 * 1024 {
        hoarded.push(touched(1));
        told.write_all(b".").map_err(Failure::transient)?;
        let due = began + Duration::from_secs(1) * n / mib_per_second;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    black_box(&hoarded);
    Ok(())
}

/// Waits for the first process, which only ends where the others continue without it.
fn fork_bomb(name: &Path, in_background: bool) -> Result<(), Failure> {
    let script = if in_background {
        "bomb() { bomb | bomb & }; bomb"
    } else {
        "bomb() { while :; do bomb & done; }; bomb"
    };
    // When refused another process, bash waits and tries again. Other shells give up.
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).arg(name).stdin(Stdio::null());
    shell.status().map(drop).map_err(Failure::transient)
}

fn read_stdin() -> Result<(), Failure> {
    let mut read = Vec::new();
    match std::io::stdin().read_to_end(&mut read) {
        Ok(0) => Ok(()),
        Ok(n) => Err(Failure::transient(format!(
            "{n} bytes of what is none of a task's business"
        ))),
        Err(error) => Err(Failure::transient(error)),
    }
}

fn fill(files: u32, bytes: u64) -> std::io::Result<()> {
    (0..files).try_for_each(|n| {
        let mut file = fs::File::create(std::env::temp_dir().join(n.to_string()))?;
        std::io::copy(&mut std::io::repeat(1).take(bytes), &mut file).map(drop)
    })
}

fn dig(scratch: &Path, depth: u32) -> std::io::Result<()> {
    let mut here = fs::File::open(scratch)?;
    for _ in 0..depth {
        mkdirat(&here, c"d", Mode::RWXU)?;
        here = openat(&here, c"d", OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?.into();
    }
    Ok(())
}

fn orphan(file: &Path, own_session: bool) -> Result<(), Failure> {
    let mut command = if own_session {
        let mut command = Command::new("setsid");
        command.arg("sleep");
        command
    } else {
        Command::new("sleep")
    };
    command.arg("1000");
    let child = command.stdin(Stdio::null()).spawn().map_err(Failure::transient)?;
    add_line(file, &child.id().to_string())
}

/// The first signal is caught by Rust's handler for stack overflows, which uninstalls itself before the second.
fn segfault() -> ! {
    loop {
        let _ = kill_process(getpid(), Signal::SEGV);
    }
}

/// Writes to the supervisor's pipe, which is no longer standard output. Finds it as a faulty native library might: the first
/// write-only descriptor after the standard ones.
fn babble(bytes: &[u8]) -> std::io::Result<()> {
    let written_only = |fd: &RawFd| {
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap_or_default();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        flags.is_some_and(|flags| flags.trim().ends_with('1'))
    };
    let opened = fs::read_dir("/proc/self/fd")?.flatten();
    let numbers = opened.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let pipe = numbers.filter(|fd| *fd > 2).filter(written_only).min();
    let pipe = pipe.ok_or_else(|| std::io::Error::other("no pipe to the supervisor"))?;
    #[expect(unsafe_code, reason = "it is somebody else's, which is the point")]
    let pipe = unsafe { BorrowedFd::borrow_raw(pipe) };
    rustix::io::write(pipe, bytes).map(drop).map_err(Into::into)
}

fn flood_stderr(bytes: usize) -> std::io::Result<()> {
    let line = [b"no end to it ".repeat(1000), b"\n".to_vec()].concat();
    let mut stderr = std::io::stderr().lock();
    (0..bytes / line.len()).try_for_each(|_| stderr.write_all(&line))
}
