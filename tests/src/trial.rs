//! A task that behaves as badly as a test wants: what `worker-test` runs.

use queue_schema::{Payload, Queue};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Steps, taken in turn; a task that comes to their end has succeeded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    pub steps: Vec<Step>,
}

/// Files are how a step tells the test, and how the test tells a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// Adds a line to this file: the process's id, the run's scratch folder.
    SignIn(PathBuf),
    /// Writes the environment to this file, a line each.
    TellEnvironment(PathBuf),
    /// Waits until there is such a file, in silence.
    AwaitFile(PathBuf),
    /// As `AwaitFile`, with a word of progress every tenth of a second.
    AwaitFileReporting(PathBuf),
    /// Tries what its sandbox should refuse, and tells this file what came of it.
    Try(Forbidden, PathBuf),
    /// Starts processes that start processes, without end. Each has `name` in its command line.
    ForkBomb {
        name: PathBuf,
        in_background: bool,
    },
    /// Nothing; but the supervisor never comes to the end of its preparations.
    HangBefore,
    /// Nothing; but the supervisor never comes to the end of publishing.
    HangAfter,
    /// Nothing; but with its results a next task is enqueued, which takes these steps.
    ThenDo(Vec<Step>),
    /// Says that it has as many steps before it, and waits at the first until it is asked to give way.
    AwaitGivingWay {
        steps: u32,
    },
    /// Waits for the soft limit, and fails for it.
    AwaitStop,
    /// Computes for ever, deaf to whatever it is told.
    Spin,
    /// SIGTERM does nothing to this process from now on.
    IgnoreSigterm,
    /// Nor does any other signal that a process may block.
    BlockSignals,
    /// Touches memory and keeps it to its end, in steps of as many MiB, and waits at the end.
    Hoard {
        step: usize,
        upto: usize,
    },
    /// Touches memory at this rate and keeps it, up to 10 GiB. This file has a byte for each MiB.
    HoardAt {
        mib_per_second: u32,
        file: PathBuf,
    },
    /// Takes memory of as many MiB that the process never gives back, and goes on.
    Leak {
        mib: usize,
    },
    /// Starts a process that would outlive this one, and adds its id to `file`.
    Orphan {
        file: PathBuf,
        own_session: bool,
    },
    /// Reads standard input, which is empty, to its end.
    ReadStdin,
    /// Leaves a file in the scratch folder.
    Litter,
    /// Writes a file of as many MiB there; fails where it does not fit.
    Write {
        mib: usize,
    },
    /// Leaves so many files of so many bytes in the child's folder, beside the scratch folder.
    Fill {
        files: u32,
        bytes: u64,
    },
    /// Leaves folders in each other, so many, in the scratch folder.
    Dig {
        depth: u32,
    },
    Say(String),
    /// Warns, as a handler does.
    Log(String),
    Abort,
    Segfault,
    Panic,
    /// Has a result of so many bytes.
    Answer {
        bytes: usize,
    },
    /// Writes to the pipe that belongs to the supervisor.
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
    /// Makes this file and fails; where there is one, does nothing.
    FailOnce(PathBuf),
    Sleep {
        ms: u64,
    },
}

/// What no child may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Forbidden {
    TcpSocket,
    UdpSocket,
    UnixSocket(PathBuf),
    /// From one half of a pair of datagram sockets.
    SendTo(PathBuf),
    Read(PathBuf),
    /// Of the supervisor's folder in /proc.
    ReadParents(String),
    /// By the system call for it.
    ReadParentsMemory,
    TraceParent,
    SignalParent,
    SlowParent,
    Write(PathBuf),
    ChangeMode(PathBuf),
    /// Removes a file of its own.
    Remove,
    /// Writes to a file of its own that has no name.
    WriteUnseen,
    /// Runs it. Not refused, but asked what it may.
    Run(Vec<String>),
    /// Writes a program to its own folder and runs it.
    RunOwnProgram,
    /// Has another program load it.
    LoadOwnProgram,
    /// Runs a program that is in no folder, but in memory.
    RunFromMemory,
    /// Runs what is open, without a name.
    RunOpened,
    /// Maps a file of its own folder as code of its own.
    MapOwnFile,
    /// Makes code of memory that it wrote to.
    MakeCode,
    /// Threads, until there are no more.
    ThreadsWithoutEnd,
    NewUserNamespace,
}

impl Payload for Trial {
    const KIND: &'static str = "trial";
    const QUEUE: Queue = Queue::Maintenance;
    /// Of a whole fleet, no other worker serves this one.
    const HEAVY: Option<Queue> = Some(Queue::Evaluation);
}

impl Trial {
    pub fn of(steps: impl Into<Vec<Step>>) -> Trial {
        Trial { steps: steps.into() }
    }
}
