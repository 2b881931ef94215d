//! Runs one claimed task: prepares it, runs it in a child under its limits, and ends it.

use crate::control::{Control, Order};
use crate::ending::{Ending, over_limit, over_memory, until_ordered, within};
use crate::erased::{BoxedRun, Kind, Raw, RunsIn, Scope};
use crate::events::{TaskBegun, TaskEnded};
use crate::failure::Failure;
use crate::frame::{FromChild, ToChild};
use crate::leases::Leases;
use crate::pool::{Pool, Warm};
use crate::process::Death;
use crate::quota::{Quota, Watch};
use crate::scratch::{Root, RunFolder};
use crate::usage::{Sample, next_look, oom_kills};
use boot::Space;
use broker::fault::{self, Moment};
use broker::{Claimed, JobContext, Usage};
use queue_schema::document::ErrorCode;
use queue_schema::{Outcome, Policy};
use serde_json::value::to_raw_value;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telemetry::Event;
use tokio::sync::watch;
use tracing::Span;

/// What all runs of a worker share.
pub struct Runner<C> {
    pub context: C,
    pub kinds: HashMap<&'static str, Kind<C>>,
    pub pool: Pool,
    pub leases: Leases,
    pub scratch: Arc<Root>,
    pub quota: Quota,
    pub space: Arc<Space>,
}

/// A run that is ready to start.
struct Begun<'a, C> {
    kind: &'a Kind<C>,
    policy: &'a Policy,
    run: BoxedRun<C>,
    folder: RunFolder,
}

impl<C: JobContext> Runner<C> {
    /// Runs a claimed task to its end, in the task's own span. Never fails: every error becomes an ending of the task.
    pub async fn run(self: Arc<Self>, claimed: Claimed) {
        let control = Control::new();
        let gives_way = self.kinds.get(claimed.kind.as_str()).is_some_and(Kind::gives_way);
        let holding = self.leases.hold(&claimed, gives_way, control.clone());
        let started = Instant::now();
        let queue = claimed.queue;
        TaskBegun { queue }.emit();
        let mut usage = Usage::default();
        let outcome = match self.run_under_lease(&claimed, &control, &mut usage).await {
            Ok(outcome) => outcome,
            Err(ending) => self.end(&claimed, &control, ending, &usage).await,
        };
        drop(holding);
        TaskEnded {
            queue,
            outcome,
            took: started.elapsed(),
            usage,
        }
        .emit();
    }

    /// Returns the outcome, or the ending that is still to be written. The run's folder is already removed then, so that the
    /// space it took does not count as a full disk.
    async fn run_under_lease(
        &self,
        claimed: &Claimed,
        control: &Control,
        usage: &mut Usage,
    ) -> Result<&'static str, Ending> {
        let mut begun = self.begin(claimed)?;
        let output = self.work(&begun, claimed, control, usage).await?;
        fault::dies(Moment::Answered);
        let scope = Scope {
            context: &self.context,
            claimed,
            scratch: begun.folder.path(),
        };
        self.publish(begun.run.as_mut(), scope, begun.policy, control, &output)
            .await?;
        fault::dies(Moment::Published);
        self.commit(begun.run.as_ref(), scope, control, usage).await
    }

    /// Decodes the task's kind, policy and payload, and makes its folder.
    fn begin<'a>(&'a self, claimed: &'a Claimed) -> Result<Begun<'a, C>, Ending> {
        let refused = |message| Ending::of(Outcome::Refused, ErrorCode::Internal, message);
        let unreadable = |problem: String| refused(format!("the stored task cannot be read: {problem}"));
        let Some(kind) = self.kinds.get(claimed.kind.as_str()) else {
            let kind = &claimed.kind;
            return Err(refused(format!("no worker of this version knows the task kind {kind}")));
        };
        let policy = claimed.policy.as_ref().map_err(|problem| unreadable(problem.clone()))?;
        let run = kind.begin(claimed).map_err(|error| unreadable(error.to_string()))?;
        let folder = self.scratch.for_run(claimed.token).map_err(|e| {
            let message = format!("no scratch folder could be made (setting WORKER_SCRATCH_DIR): {e}");
            Ending::failed(Failure::transient(message))
        })?;
        Ok(Begun {
            kind,
            policy,
            run,
            folder,
        })
    }

    /// Runs the task in a child and returns the child's answer. Does nothing for a task that needs no child.
    async fn work(
        &self,
        begun: &Begun<'_, C>,
        claimed: &Claimed,
        control: &Control,
        usage: &mut Usage,
    ) -> Result<Raw, Ending> {
        let Begun {
            kind, policy, folder, ..
        } = begun;
        let RunsIn::Child { opens_uploads, .. } = kind.runs_in else {
            return to_raw_value(&()).map_err(|error| Ending::failed(Failure::transient(error)));
        };
        let mut orders = control.orders();
        let prepared = async {
            let scope = Scope {
                context: &self.context,
                claimed,
                scratch: folder.path(),
            };
            let input = within(policy, "preparing it", begun.run.prepare(scope)).await?;
            let asking = async { self.context.project(claimed).await.map_err(Failure::transient) };
            let project = within(policy, "telling its project", asking).await?;
            Ok((input, self.pool.take(&project, opens_uploads).await))
        };
        let (input, mut warm) = tokio::select! {
            prepared = prepared => prepared?,
            ending = until_ordered(&mut orders) => return Err(ending),
        };
        let oom_before = oom_kills();
        let child = &warm.child;
        // Files may be copied, so `block_in_place` lets other tasks of this thread go on in another thread.
        let lent = tokio::task::block_in_place(|| {
            let scratch = folder.lend(&child.folder, child.sandbox.user)?;
            Ok::<_, io::Error>((scratch, Watch::begin(child.folder.path(), self.quota)?))
        });
        let watched = match lent {
            Ok(lent) => {
                self.in_child(&mut warm, claimed, input, policy, control, &mut orders, lent, usage)
                    .await
            }
            Err(error) => Watched::Unheard(Ending::failed(Failure::transient(format!(
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
        input: Raw,
        policy: &Policy,
        control: &Control,
        orders: &mut watch::Receiver<Order>,
        (scratch, mut written): (PathBuf, Watch),
        usage: &mut Usage,
    ) -> Watched {
        let before = warm.child.sample();
        self.pool.seat(warm, Some(claimed.id), before.rss_kib);
        warm.child.output.begin(Span::current());
        warm.child.limit_memory(policy.kill_kib);
        let Ok(payload) = to_raw_value(&claimed.payload) else {
            return Watched::Unheard(Ending::failed(Failure::transient("its payload cannot be written")));
        };
        let order = ToChild::Run {
            kind: claimed.kind.clone(),
            payload,
            input,
            scratch,
        };
        match warm.child.send(&order).await {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Watched::Unheard(Ending::failed(Failure::transient(format!("its input is {error}"))));
            }
            Err(_) => return Watched::Died,
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
                        // Sampled here too: a task that ends between two samples would seem to have used nothing.
                        note(usage, before, warm.child.sample());
                        return too_much(&written).unwrap_or(Watched::Answered(Ok(output)));
                    }
                    Some(Ok(FromChild::Failed(failure))) => {
                        note(usage, before, warm.child.sample());
                        return too_much(&written).unwrap_or(Watched::Answered(Err(Ending::failed(failure))));
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
                    // The kernel ends a process that writes a file larger than the quota, so the quota is checked first.
                    Some(Err(_)) | None => return too_much(&written).unwrap_or(Watched::Died),
                },
                ending = until_ordered(orders) => return Watched::Killed(ending, "ordered"),
                Ok(()) = gives_way.changed() => {
                    // A child that does not react runs to its end.
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
                        // A child that does not react is killed at the hard limit.
                        let _ = warm.child.send(&ToChild::Stop).await;
                    }
                }
            }
        }
    }

    /// Handles the child after its task: gives it back to the pool, or kills and replaces it.
    async fn part(
        &self,
        mut warm: Warm,
        watched: Watched,
        policy: &Policy,
        folder: &RunFolder,
        memory_ran_out: impl Fn() -> bool,
        usage: &mut Usage,
    ) -> Result<Raw, Ending> {
        let (pid, replaced) = (warm.child.pid(), warm.is_replaced());
        let ending = match watched {
            Watched::Answered(answer) => {
                usage.said = warm.child.output.last_words().await;
                let child = &warm.child;
                let back = tokio::task::block_in_place(|| folder.take_back(&child.folder, child.sandbox.user));
                let Err(error) = back else {
                    self.pool.give_back(warm, policy);
                    return answer;
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
                usage.said = warm.child.output.last_words().await;
                self.pool.lost(pid, replaced, cause);
                ending
            }
            Watched::Babbled(what) => {
                self.kill(&mut warm).await;
                usage.said = warm.child.output.last_words().await;
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
                    return Err(over_memory(policy.kill_kib, policy));
                }
                self.pool.lost(pid, replaced, "crash");
                let (outcome, code, because) = if killed_by_another && memory_ran_out() {
                    (
                        Outcome::OutOfMemory,
                        ErrorCode::OutOfMemory,
                        " because the machine, or the group that the worker is in, ran out of memory;",
                    )
                } else {
                    (Outcome::Crashed, ErrorCode::Crashed, "")
                };
                Ending::of(
                    outcome,
                    code,
                    format!("the process that ran this task{because} {story}"),
                )
            }
        };
        Err(ending)
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

/// Checks the quota once more, because a task that ends between two checks may have written too much.
fn too_much(written: &Watch) -> Option<Watched> {
    written.look().map(|ending| Watched::Killed(ending, "scratch"))
}

/// How watching a child ended.
enum Watched {
    /// It answered and lives.
    Answered(Result<Raw, Ending>),
    /// It lives, and was not given the task.
    Unheard(Ending),
    /// It is to be killed. Holds the ending of its task and the cause under which it is counted.
    Killed(Ending, &'static str),
    /// It sent something invalid, described here.
    Babbled(String),
    /// It died.
    Died,
}
