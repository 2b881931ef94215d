//! The test task that `worker-test` runs: it can misbehave in any way that a test wants.

use queue_schema::{Payload, Queue};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Steps, run in order. The task succeeds after the last one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    pub steps: Vec<Step>,
}

/// Steps and tests communicate through files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// Adds a line to this file: the process id and the run's scratch folder.
    SignIn(PathBuf),
    /// Writes the environment to this file, one variable per line.
    TellEnvironment(PathBuf),
    /// Waits until this file exists, without reporting progress.
    AwaitFile(PathBuf),
    /// Like `AwaitFile`, but reports progress every tenth of a second.
    AwaitFileReporting(PathBuf),
    /// Attempts what the sandbox should refuse, and writes the result to this file.
    Try(Forbidden, PathBuf),
    /// A fork bomb. Each process has `name` in its command line.
    ForkBomb {
        name: PathBuf,
        in_background: bool,
    },
    /// Does nothing, but the supervisor never finishes its preparation.
    HangBefore,
    /// Does nothing, but the supervisor never finishes publishing.
    HangAfter,
    /// Does nothing, but enqueues a next task with these steps when its results are committed.
    ThenDo(Vec<Step>),
    /// Reports that it has this many steps, and waits at the first until it is asked to give way.
    AwaitGivingWay {
        steps: u32,
    },
    /// Waits for the soft time limit, and then fails.
    AwaitStop,
    /// Computes for ever and ignores every request.
    Spin,
    /// From now on the process ignores SIGTERM.
    IgnoreSigterm,
    /// From now on the process blocks every signal that can be blocked.
    BlockSignals,
    /// Allocates resident memory and keeps it, in steps of `step` MiB, and waits at the end.
    Hoard {
        step: usize,
        upto: usize,
    },
    /// Allocates resident memory at this rate and keeps it, up to 10 GiB. Writes a byte to this file for each MiB.
    HoardAt {
        mib_per_second: u32,
        file: PathBuf,
    },
    /// Leaks this many MiB and continues.
    Leak {
        mib: usize,
    },
    /// Starts a process that would outlive this one, and appends its id to `file`.
    Orphan {
        file: PathBuf,
        own_session: bool,
    },
    /// Reads standard input, which is empty, to the end.
    ReadStdin,
    /// Leaves a file in the scratch folder.
    Litter,
    /// Writes a file of this many MiB there. Fails if the disk is full.
    Write {
        mib: usize,
    },
    /// Leaves this many files of this many bytes in the child's folder, beside the scratch folder.
    Fill {
        files: u32,
        bytes: u64,
    },
    /// Leaves folders nested this deep in the scratch folder.
    Dig {
        depth: u32,
    },
    Say(String),
    /// Logs a warning, as a handler does.
    Log(String),
    Abort,
    Segfault,
    Panic,
    /// Returns a result of this many bytes.
    Answer {
        bytes: usize,
    },
    /// Writes to the pipe to the supervisor.
    Babble(Vec<u8>),
    FloodStderr {
        bytes: usize,
    },
    FloodProgress {
        frames: u32,
    },
    Fail {
        transient: bool,
        message: String,
    },
    /// Creates this file and fails. Succeeds if it exists already.
    FailOnce(PathBuf),
    Sleep {
        ms: u64,
    },
}

/// What no child process may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Forbidden {
    TcpSocket,
    UdpSocket,
    UnixSocket(PathBuf),
    /// From one end of a pair of datagram sockets.
    SendTo(PathBuf),
    Read(PathBuf),
    /// A file of the supervisor's folder in /proc.
    ReadParents(String),
    /// By the system call `process_vm_readv`.
    ReadParentsMemory,
    TraceParent,
    SignalParent,
    SlowParent,
    Write(PathBuf),
    ChangeMode(PathBuf),
    /// Removes a file of its own.
    Remove,
    /// Writes to an unnamed file of its own.
    WriteUnseen,
    /// Runs a command. Not refused itself; shows what a program may do in the sandbox.
    Run(Vec<String>),
    /// Writes a program to its own folder and runs it.
    RunOwnProgram,
    /// Lets the loader load that program.
    LoadOwnProgram,
    /// Runs a program from memory, without a file.
    RunFromMemory,
    /// Runs an open file, without a path.
    RunOpened,
    /// Maps a file of its own folder as executable code.
    MapOwnFile,
    /// Makes memory executable that it has written to.
    MakeCode,
    /// Starts threads until that fails.
    ThreadsWithoutEnd,
    NewUserNamespace,
}

impl Payload for Trial {
    const KIND: &'static str = "trial";
    const QUEUE: Queue = Queue::Maintenance;
    /// No other worker of a whole fleet serves this queue.
    const HEAVY: Option<Queue> = Some(Queue::Evaluation);
}

impl Trial {
    pub fn of(steps: impl Into<Vec<Step>>) -> Trial {
        Trial { steps: steps.into() }
    }
}
