//! The child process: makes its tools, then runs one task at a time until the supervisor closes the pipe.

use crate::child_output::END_OF_TASK;
use crate::erased::{ChildKind, Raw};
use crate::failure::Failure;
use crate::family;
use crate::frame::{self, FromChild, ToChild};
use crate::handle::{Asked, RunHandle};
use crate::job::Tools;
use crate::quota::Quota;
use crate::sandbox;
use crate::usage::descendants;
use queue_schema::document::{DocumentError, ErrorCode};
use settings::Settings;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

struct Order {
    kind: String,
    payload: Raw,
    input: Raw,
    scratch: PathBuf,
}

/// Runs until the supervisor is gone. `folder`: where the child may write.
pub fn live<T: Tools>(kinds: &[ChildKind<T>], settings: &Settings, folder: &Path) -> ExitCode {
    match work(kinds, settings, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the child lost its supervisor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn work<T: Tools>(kinds: &[ChildKind<T>], settings: &Settings, folder: &Path) -> io::Result<()> {
    let sandbox = sandbox::enter(folder, &T::needs(settings), Quota::in_force(settings).bytes)?;
    let mut out = take_stdout()?;
    let asked = Asked::default();
    // Started before anything slow, so that this process never outlives its supervisor.
    let orders = listen(take_stdin()?, asked.clone(), sandbox.user);
    let mut tools = match T::warm(settings) {
        Ok(tools) => tools,
        Err(problem) => return frame::write(&mut out, &FromChild::Unfit(problem)),
    };
    let helpers = descendants(std::process::id());
    frame::write(&mut out, &FromChild::Ready(sandbox.clone()))?;
    for order in orders {
        asked.begin();
        let mut run = RunHandle::new(order.scratch, asked.clone(), out.try_clone()?);
        let result = match kinds.iter().find(|kind| kind.name == order.kind) {
            Some(kind) => (kind.run)(&mut tools, &order.payload, &order.input, &mut run),
            None => Err(unknown(&order.kind)),
        };
        if !family::end_strays(&helpers) {
            eprintln!("the task left processes behind that cannot be ended");
            family::end_ourselves(sandbox.user);
        }
        eprintln!("{END_OF_TASK}");
        answer(&mut out, result)?;
    }
    Ok(())
}

/// Sends the result. If it is too long for a frame, that is a permanent failure, because every run would return it.
fn answer(out: &mut File, result: Result<Raw, Failure>) -> io::Result<()> {
    let told = frame::write(out, &result.map_or_else(FromChild::Failed, FromChild::Done));
    match told {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            let message = format!("the result cannot be told: it is {error}");
            let failure = Failure::permanent(DocumentError::new(ErrorCode::Internal, message));
            frame::write(out, &FromChild::Failed(failure))
        }
        told => told,
    }
}

fn unknown(kind: &str) -> Failure {
    Failure::permanent(DocumentError::new(
        ErrorCode::Internal,
        format!("this worker knows no task of kind {kind}"),
    ))
}

/// Moves the pipe to the supervisor away from stdout, so that output of libraries goes to stderr instead.
fn take_stdout() -> io::Result<File> {
    let pipe = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(File::from(pipe))
}

/// Moves the pipe with the orders away from stdin, so that programs started here cannot read orders.
fn take_stdin() -> io::Result<BufReader<File>> {
    let pipe = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(BufReader::new(File::from(pipe)))
}

/// Reads orders in a thread of its own, so that a request to stop, and the end of the supervisor, are noticed during a task.
///
/// The kernel could end this process with its supervisor (`PR_SET_PDEATHSIG`), but then the processes it started would go on.
fn listen(mut pipe: BufReader<File>, asked: Asked, user: Option<u32>) -> mpsc::Receiver<Order> {
    let (give, orders) = mpsc::channel();
    std::thread::spawn(move || {
        loop {
            match frame::read(&mut pipe) {
                Ok(Some(ToChild::Run {
                    kind,
                    payload,
                    input,
                    scratch,
                })) => {
                    let order = Order {
                        kind,
                        payload,
                        input,
                        scratch,
                    };
                    if give.send(order).is_err() {
                        return;
                    }
                }
                Ok(Some(ToChild::Stop)) => asked.stop.store(true, Ordering::Relaxed),
                Ok(Some(ToChild::GiveWay)) => asked.give_way.store(true, Ordering::Relaxed),
                // The supervisor is gone or wants us gone: nothing that we started may outlive it.
                Ok(None) | Err(_) => family::end_ourselves(user),
            }
        }
    });
    orders
}
