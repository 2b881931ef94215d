//! Attempts what the sandbox should refuse.

use fleet_tests::trial::Forbidden;
use nix::fcntl::AtFlags;
use nix::libc;
use nix::sys::ptrace;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::{Pid, execveat};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Resource, Rlimit, Signal, getppid, kill_process, prlimit};
use std::ffi::CStr;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, IoSliceMut, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// Describes the result in one line: what the attempt got, or its error.
pub fn attempt(what: &Forbidden, scratch: &Path) -> String {
    let got = match what {
        Forbidden::TcpSocket => TcpListener::bind("127.0.0.1:0").map(|_| "a TCP socket".to_owned()),
        Forbidden::UdpSocket => UdpSocket::bind("127.0.0.1:0").map(|_| "a UDP socket".to_owned()),
        Forbidden::UnixSocket(path) => UnixStream::connect(path).map(|_| "a connection".to_owned()),
        Forbidden::SendTo(path) => UnixDatagram::pair()
            .and_then(|(ours, _)| ours.send_to(b"a word", path))
            .map(|_| "a word out".to_owned()),
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
        Forbidden::Remove => {
            let path = scratch.join("own");
            fs::write(&path, "")
                .and_then(|()| fs::remove_file(path))
                .map(|()| "rid of it".to_owned())
        }
        Forbidden::WriteUnseen => {
            let opened = OpenOptions::new()
                .write(true)
                .custom_flags(libc::O_TMPFILE)
                .open(scratch);
            opened.map(|_| "a file".to_owned())
        }
        Forbidden::Run(words) => run(words),
        Forbidden::RunOwnProgram => own_program(scratch).and_then(|program| run(&[program])),
        Forbidden::LoadOwnProgram => own_program(scratch).and_then(|program| run(&[LOADER.to_owned(), program])),
        Forbidden::RunFromMemory => from_memory(),
        Forbidden::RunOpened => File::open(PROGRAM).and_then(run_opened),
        Forbidden::MapOwnFile => own_program(scratch).and_then(|program| map(&File::open(program)?)),
        Forbidden::MakeCode => make_code(),
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

/// The kernel checks the address only after permission was granted, so any address will do.
fn read_memory(parent: Pid) -> io::Result<String> {
    let mut bytes = [0; 8];
    let remote = RemoteIoVec {
        base: bytes.as_ptr() as usize,
        len: bytes.len(),
    };
    let count = process_vm_readv(parent, &mut [IoSliceMut::new(&mut bytes)], &[remote])?;
    Ok(format!("{count} bytes"))
}

/// Sets the parent's limit of open files to 0, which would make a supervisor useless.
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
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// A harmless program, and its loader on Debian.
const PROGRAM: &str = "/usr/bin/true";
const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

/// Makes an executable copy of it.
fn own_program(scratch: &Path) -> io::Result<String> {
    let path = scratch.join("program");
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o755)
        .open(&path)?;
    file.write_all(&fs::read(PROGRAM)?)?;
    Ok(path.to_string_lossy().into_owned())
}

fn from_memory() -> io::Result<String> {
    let mut file = File::from(memfd_create("program", MemfdFlags::empty())?);
    file.write_all(&fs::read(PROGRAM)?)?;
    // A file that is open for writing cannot be executed.
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let to_read = File::open(path)?;
    drop(file);
    run(&[format!("/proc/self/fd/{}", to_read.into_raw_fd())])
}

/// Replaces this process, unless refused.
fn run_opened(program: File) -> io::Result<String> {
    let none: [&CStr; 0] = [];
    match execveat(&program, c"", &[c"true"], &none, AtFlags::AT_EMPTY_PATH)? {}
}

#[expect(unsafe_code, reason = "nothing is done with what is mapped")]
fn map(file: &File) -> io::Result<String> {
    let (protection, fd) = (libc::PROT_READ | libc::PROT_EXEC, file.as_raw_fd());
    match unsafe { libc::mmap(std::ptr::null_mut(), PAGE, protection, libc::MAP_PRIVATE, fd, 0) } {
        libc::MAP_FAILED => Err(io::Error::last_os_error()),
        _ => Ok("code".to_owned()),
    }
}

const PAGE: usize = 4096;

#[expect(unsafe_code, reason = "the page is never used again")]
fn make_code() -> io::Result<String> {
    let (protection, kind) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
    );
    let page = unsafe { libc::mmap(std::ptr::null_mut(), PAGE, protection, kind, -1, 0) };
    if page == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    match unsafe { libc::mprotect(page, PAGE, libc::PROT_READ | libc::PROT_EXEC) } {
        0 => Ok("code".to_owned()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// How many threads could be started, and why no more.
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
