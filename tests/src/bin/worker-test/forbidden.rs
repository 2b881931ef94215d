//! What the sandbox should refuse, tried in earnest.

use fleet_tests::trial::Forbidden;
use nix::sys::ptrace;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use rustix::process::{Resource, Rlimit, Signal, getppid, kill_process, prlimit};
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, IoSliceMut, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

/// A line: what it got, or the error.
pub fn attempt(what: &Forbidden, scratch: &Path) -> String {
    let got = match what {
        Forbidden::TcpSocket => TcpListener::bind("127.0.0.1:0").map(|_| "a TCP socket".to_owned()),
        Forbidden::UdpSocket => UdpSocket::bind("127.0.0.1:0").map(|_| "a UDP socket".to_owned()),
        Forbidden::UnixSocket(path) => UnixStream::connect(path).map(|_| "a connection".to_owned()),
        Forbidden::Read(path) => read(path),
        Forbidden::ReadParents(file) => parent().and_then(|pid| read(Path::new(&format!("/proc/{pid}/{file}")))),
        Forbidden::ReadParentsMemory => parent().and_then(read_memory),
        Forbidden::TraceParent => parent()
            .and_then(|pid| ptrace::attach(pid).map_err(Into::into))
            .map(|()| "a tracee".to_owned()),
        Forbidden::SignalParent => getppid()
            .ok_or(io::ErrorKind::NotFound.into())
            .and_then(|pid| kill_process(pid, Signal::CONT).map_err(Into::into))
            .map(|()| "a signal sent".to_owned()),
        Forbidden::SlowParent => limit_parent(),
        Forbidden::Write(path) => fs::write(path, "written").map(|()| "a file".to_owned()),
        Forbidden::ChangeMode(path) => {
            fs::set_permissions(path, Permissions::from_mode(0o777)).map(|()| "a mode".to_owned())
        }
        Forbidden::Run(words) => run(words),
        Forbidden::RunOwnProgram => own_program(scratch),
        Forbidden::ThreadsWithoutEnd => threads(),
        Forbidden::NewUserNamespace => run(&["unshare", "--user", "id"].map(str::to_owned)),
    };
    match got {
        Ok(got) => format!("got {}", got.replace('\n', " ")),
        Err(error) => format!("refused: {error}"),
    }
}

fn parent() -> io::Result<Pid> {
    Ok(nix::unistd::getppid())
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = [0; 64];
    let count = OpenOptions::new().read(true).open(path)?.read(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes[..count]).into_owned())
}

/// Whether it has anything at that place is only looked at once it is allowed.
fn read_memory(parent: Pid) -> io::Result<String> {
    let mut bytes = [0; 8];
    let remote = RemoteIoVec {
        base: bytes.as_ptr() as usize,
        len: bytes.len(),
    };
    let count = process_vm_readv(parent, &mut [IoSliceMut::new(&mut bytes)], &[remote])?;
    Ok(format!("{count} bytes"))
}

/// A supervisor that may open nothing more is as good as dead.
fn limit_parent() -> io::Result<String> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    prlimit(getppid(), Resource::Nofile, none)?;
    Ok("a limit".to_owned())
}

fn run(words: &[String]) -> io::Result<String> {
    let [program, arguments @ ..] = words else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

fn own_program(scratch: &Path) -> io::Result<String> {
    let path = scratch.join("program");
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o755)
        .open(&path)?;
    file.write_all(b"#!/bin/sh\necho ran\n")?;
    drop(file);
    run(&[path.to_string_lossy().into_owned()])
}

/// How many there were, and why no more.
fn threads() -> io::Result<String> {
    const ENOUGH: usize = 3000;
    let mut started = Vec::new();
    let error = loop {
        match std::thread::Builder::new()
            .stack_size(64 << 10)
            .spawn(std::thread::park)
        {
            Ok(_) if started.len() >= ENOUGH => break None,
            Ok(thread) => started.push(thread),
            Err(error) => break Some(error),
        }
    };
    let count = started.len();
    for thread in started {
        thread.thread().unpark();
        let _ = thread.join();
    }
    match error {
        Some(error) => Err(io::Error::other(format!("{error} after {count} threads"))),
        None => Ok(format!("{count} threads")),
    }
}
