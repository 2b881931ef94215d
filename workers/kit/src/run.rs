//! One claimed task: prepared, run in a child under its limits, and ended.

use crate::control::{Control, Order};
use crate::ending::{Ending, over_limit, over_memory, until_ordered, within};
use crate::events::{TaskBegun, TaskEnded};
use crate::frame::{FromChild, ToChild};
use crate::job::{Failure, Office};
use crate::leases::Leases;
use crate::pool::{Pool, Warm};
use crate::process::Death;
use crate::quota::{Quota, Watch};
use crate::scratch::{Root, RunFolder};
use crate::usage::{Sample, next_look, oom_kills};
use boot::Space;
use broker::fault::{self, Moment};
use broker::{Claimed, Home, Usage};
use queue_schema::document::ErrorCode;
use queue_schema::{Outcome, Policy};
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telemetry::Event;
use tokio::sync::watch;
use tracing::Span;

/// What all runs of a worker share.
pub struct Floor<H> {
    pub home: H,
    pub offices: HashMap<&'static str, Box<dyn Office<H>>>,
    pub pool: Pool,
    pub leases: Leases,
    pub scratch: Arc<Root>,
    pub quota: Quota,
    pub space: Arc<Space>,
}

impl<H: Home> Floor<H> {
    /// Runs a claimed task to its end, in the task's own span. Never fails: every trouble is an ending of the task.
    pub async fn run(self: Arc<Self>, claimed: Claimed) {
        let control = Control::new();
        let office = self.offices.get(claimed.kind.as_str());
        let gives_way = office.is_some_and(|office| office.gives_way());
        let holding = self.leases.hold(&claimed, gives_way, control.clone());
        let started = Instant::now();
        let queue = claimed.queue;
        TaskBegun { queue }.emit();
        let mut usage = Usage::default();
        let outcome = self.run_under_lease(&claimed, &control, &mut usage).await;
        drop(holding);
        TaskEnded {
            queue,
            outcome,
            took: started.elapsed(),
            usage,
        }
        .emit();
    }

    async fn run_under_lease(&self, claimed: &Claimed, control: &Control, usage: &mut Usage) -> &'static str {
        let readied = self.read(claimed).and_then(|(office, policy)| {
            let folder = self.scratch.for_run(claimed.token).map_err(|e| {
                let message = format!("no scratch folder could be made (setting WORKER_SCRATCH_DIR): {e}");
                Ending::failed(Failure::passing(message))
            })?;
            Ok((office, policy, folder))
        });
        let (office, policy, folder) = match readied {
            Ok(all) => all,
            Err(ending) => return self.end(claimed, control, ending, usage).await,
        };
        let scratch = folder.path();
        let mut ending = self.work(office, claimed, policy, control, &folder, usage).await;
        if let Ending::Output(output) = ending {
            fault::dies(Moment::Answered);
            ending = self.publish(office, claimed, policy, control, scratch, output).await;
        }
        if let Ending::Output(output) = ending {
            fault::dies(Moment::Published);
            ending = match self.commit(office, claimed, control, scratch, &output, usage).await {
                Ok(outcome) => return outcome,
                Err(ending) => ending,
            };
        }
        // First, so that what the run itself took does not count as a full disk.
        drop(folder);
        self.end(claimed, control, ending, usage).await
    }

    /// Whose task it is and what it may cost.
    fn read<'a>(&'a self, claimed: &'a Claimed) -> Result<(&'a dyn Office<H>, &'a Policy), Ending> {
        let refused = |message| Ending::of(Outcome::Refused, ErrorCode::Internal, message);
        let Some(office) = self.offices.get(claimed.kind.as_str()) else {
            let kind = &claimed.kind;
            return Err(refused(format!("no worker of this version knows the task kind {kind}")));
        };
        let readable = match &claimed.policy {
            Ok(policy) => office.check(&claimed.payload).map(|()| policy),
            Err(problem) => Err(problem.clone()),
        };
        let policy = readable.map_err(|problem| refused(format!("the stored task cannot be read: {problem}")))?;
        Ok((office.as_ref(), policy))
    }

    async fn work(
        &self,
        office: &dyn Office<H>,
        claimed: &Claimed,
        policy: &Policy,
        control: &Control,
        folder: &RunFolder,
        usage: &mut Usage,
    ) -> Ending {
        let mut orders = control.orders();
        let prepared = async {
            let preparing = office.prepare(&self.home, claimed, folder.path());
            within(policy, "preparing it", preparing).await?;
            let asking = async { self.home.project(claimed).await.map_err(Failure::passing) };
            let project = within(policy, "telling its project", asking).await?;
            Ok(self.pool.take(&project, office.opens_uploads()).await)
        };
        let mut warm = tokio::select! {
            prepared = prepared => match prepared {
                Ok(warm) => warm,
                Err(ending) => return ending,
            },
            ending = until_ordered(&mut orders) => return ending,
        };
        let oom_before = oom_kills();
        let child = &warm.child;
        // Files may be copied: other tasks of this thread go on elsewhere.
        let lent = tokio::task::block_in_place(|| {
            let scratch = folder.lend(&child.folder, child.sandbox.user)?;
            Ok::<_, io::Error>((scratch, Watch::begin(child.folder.path(), self.quota)?))
        });
        let watched = match lent {
            Ok(lent) => {
                self.in_child(&mut warm, claimed, policy, control, &mut orders, lent, usage)
                    .await
            }
            Err(error) => Watched::Unheard(Ending::failed(Failure::passing(format!(
                "its inputs could not be given to the process that should run it: {error}"
            )))),
        };
        let out_of_memory = || oom_kills() > oom_before;
        self.part(warm, watched, policy, folder, out_of_memory, usage).await
    }

    /// Gives the task to the child and watches it.
    #[expect(
        clippy::too_many_arguments,
        reason = "one run's whole context, used by this one caller"
    )]
    async fn in_child(
        &self,
        warm: &mut Warm,
        claimed: &Claimed,
        policy: &Policy,
        control: &Control,
        orders: &mut watch::Receiver<Order>,
        (scratch, mut written): (PathBuf, Watch),
        usage: &mut Usage,
    ) -> Watched {
        let before = warm.child.sample();
        self.pool.seat(warm, Some(claimed.id), before.rss_kib);
        warm.child.echo.begin(Span::current());
        warm.child.limit_memory(policy.kill_kib);
        let order = ToChild::Run {
            kind: claimed.kind.clone(),
            payload: claimed.payload.clone(),
            scratch,
        };
        if warm.child.send(&order).await.is_err() {
            return Watched::Died;
        }
        let started = Instant::now();
        let mut progressed = started;
        let mut told_to_stop = false;
        let mut gives_way = control.gives_way();
        let mut seen = (started, before);
        let mut pause = Duration::ZERO;
        loop {
            tokio::select! {
                frame = warm.child.next() => match frame {
                    Some(Ok(FromChild::Progress { done, total })) => {
                        progressed = Instant::now();
                        control.set_progress(done, total);
                        self.leases.progressed();
                    }
                    Some(Ok(FromChild::Done(output))) => {
                        // What ends between two looks would have taken nothing.
                        note(usage, before, warm.child.sample());
                        return too_much(&written).unwrap_or(Watched::Answered(Ending::Output(output)));
                    }
                    Some(Ok(FromChild::Failed(failure))) => {
                        note(usage, before, warm.child.sample());
                        return too_much(&written).unwrap_or(Watched::Answered(Ending::failed(failure)));
                    }
                    Some(Ok(FromChild::Ready(_) | FromChild::Unfit(_))) => {
                        return Watched::Babbled("a frame out of turn".to_owned());
                    }
                    Some(Err(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                        return Watched::Babbled(error.to_string());
                    }
                    Some(Err(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                        return Watched::Babbled(format!("what is no frame ({error})"));
                    }
                    // The kernel ends a process whose file is larger than all may be.
                    Some(Err(_)) | None => return too_much(&written).unwrap_or(Watched::Died),
                },
                ending = until_ordered(orders) => return Watched::Killed(ending, "ordered"),
                Ok(()) = gives_way.changed() => {
                    // A child that does not listen goes on to its end.
                    let _ = warm.child.send(&ToChild::GiveWay).await;
                }
                () = tokio::time::sleep_until((seen.0 + pause).into()) => {
                    let now = warm.child.sample();
                    note(usage, before, now);
                    let grown = now.rss_kib.saturating_sub(seen.1.rss_kib);
                    pause = next_look(grown, seen.0.elapsed(), policy.kill_kib.saturating_sub(now.rss_kib));
                    seen = (Instant::now(), now);
                    self.pool.seat(warm, Some(claimed.id), now.rss_kib);
                    if let Some((ending, cause)) = over_limit(policy, started.elapsed(), progressed.elapsed(), now) {
                        return Watched::Killed(ending, cause);
                    }
                    if let Some(ending) = written.glance() {
                        return Watched::Killed(ending, "scratch");
                    }
                    if !told_to_stop && started.elapsed() >= policy.soft {
                        told_to_stop = true;
                        // A child that does not listen meets the hard limit.
                        let _ = warm.child.send(&ToChild::Stop).await;
                    }
                }
            }
        }
    }

    /// What becomes of the child after its task.
    async fn part(
        &self,
        mut warm: Warm,
        watched: Watched,
        policy: &Policy,
        folder: &RunFolder,
        memory_ran_out: impl Fn() -> bool,
        usage: &mut Usage,
    ) -> Ending {
        let (pid, replaced) = (warm.child.pid(), warm.is_replaced());
        match watched {
            Watched::Answered(ending) => {
                usage.said = warm.child.echo.last_words().await;
                let child = &warm.child;
                let back = tokio::task::block_in_place(|| folder.take_back(&child.folder, child.sandbox.user));
                let Err(error) = back else {
                    self.pool.give_back(warm, policy);
                    return ending;
                };
                self.kill(&mut warm).await;
                self.pool.lost(pid, replaced, "crash");
                Ending::of(
                    Outcome::Crashed,
                    ErrorCode::Crashed,
                    format!("the process that ran this task was ended because of what it left: {error}"),
                )
            }
            Watched::Unheard(ending) => {
                self.pool.give_back(warm, policy);
                ending
            }
            Watched::Killed(ending, cause) => {
                self.kill(&mut warm).await;
                usage.said = warm.child.echo.last_words().await;
                self.pool.lost(pid, replaced, cause);
                ending
            }
            Watched::Babbled(what) => {
                self.kill(&mut warm).await;
                usage.said = warm.child.echo.last_words().await;
                self.pool.lost(pid, replaced, "crash");
                Ending::of(
                    Outcome::Crashed,
                    ErrorCode::Crashed,
                    format!("the process that ran this task was ended because it sent {what}"),
                )
            }
            Watched::Died => {
                let Death {
                    story,
                    said,
                    killed_by_another,
                    over_its_memory,
                } = warm.child.end().await;
                usage.said = said;
                if over_its_memory {
                    self.pool.lost(pid, replaced, "kill_memory");
                    return over_memory(policy.kill_kib, policy);
                }
                self.pool.lost(pid, replaced, "crash");
                let (outcome, code, because) = match killed_by_another && memory_ran_out() {
                    true => (
                        Outcome::OutOfMemory,
                        ErrorCode::OutOfMemory,
                        " because the machine, or the group that the worker is in, ran out of memory;",
                    ),
                    false => (Outcome::Crashed, ErrorCode::Crashed, ""),
                };
                Ending::of(
                    outcome,
                    code,
                    format!("the process that ran this task{because} {story}"),
                )
            }
        }
    }

    async fn kill(&self, warm: &mut Warm) {
        if let Err(error) = warm.child.kill().await {
            tracing::warn!(%error, pid = warm.child.pid(), "a child was killed, but its end was not seen");
        }
    }
}

fn note(usage: &mut Usage, before: Sample, now: Sample) {
    usage.peak_kib = usage.peak_kib.max(now.rss_kib);
    usage.cpu = usage.cpu.max(now.cpu.saturating_sub(before.cpu));
}

/// What ends between two looks may have written too much all the same.
fn too_much(written: &Watch) -> Option<Watched> {
    written.look().map(|ending| Watched::Killed(ending, "scratch"))
}

/// How watching a child ended.
enum Watched {
    /// It answered and lives.
    Answered(Ending),
    /// It lives, and never heard of the task.
    Unheard(Ending),
    /// It is to be killed: the ending of its task, and the cause to be counted.
    Killed(Ending, &'static str),
    /// It speaks nonsense: it sent this.
    Babbled(String),
    /// It is gone.
    Died,
}
