//! The pool of warm child processes, one per slot. A child is replaced only once its successor is warm.

use crate::events::{ChildNotStarted, ChildReplaced, ChildrenSeen};
use crate::process::{Child, Spec, StartError};
use crate::sandbox::Report;
use broker::Condition;
use queue_schema::Policy;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use telemetry::Event;
use tokio::sync::{Notify, oneshot, watch};
use uuid::Uuid;

/// After so many failed starts in a row the worker ends, because no document is to blame.
const HOPELESS: u32 = 5;

/// A child with its place in the pool.
pub struct Warm {
    pub child: Child,
    /// Set once its successor is warm; the child is then not used again.
    replaced: Option<Arc<AtomicBool>>,
    /// The project whose uploads it has opened. They may have compromised it, so it serves no other project.
    project: Option<String>,
}

/// What a slot is doing, for the heartbeat.
#[derive(Debug, Clone)]
struct Seat {
    task: Option<Uuid>,
    rss_kib: u64,
    tasks: u32,
    born: std::time::Instant,
}

#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    spec: Spec,
    ready: Mutex<Vec<Warm>>,
    changed: Notify,
    seats: Mutex<BTreeMap<u32, Seat>>,
    recycles: Mutex<BTreeMap<&'static str, u64>>,
    failures: AtomicU32,
    demands: Demands,
    /// The sandbox of the first child.
    sandbox: OnceLock<Report>,
    /// Why the worker cannot go on, if so.
    fatal: watch::Sender<Option<String>>,
}

/// Requirements that children must meet; else the worker ends.
#[derive(Debug, Clone, Copy)]
pub struct Demands {
    /// No child may lack a part of its sandbox.
    pub whole_sandbox: bool,
    /// A child that holds as much memory before its first task would be replaced after every task.
    pub warm_below_kib: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn seen(seats: &BTreeMap<u32, Seat>) -> ChildrenSeen {
    ChildrenSeen {
        count: seats.len(),
        rss_kib: seats.values().map(|seat| seat.rss_kib).sum(),
    }
}

impl Pool {
    /// Starts `slots` children in the background.
    pub fn start(spec: Spec, slots: usize, demands: Demands) -> Pool {
        let pool = Pool(Arc::new(Inner {
            spec,
            ready: Mutex::default(),
            changed: Notify::new(),
            seats: Mutex::default(),
            recycles: Mutex::default(),
            failures: AtomicU32::new(0),
            demands,
            sandbox: OnceLock::new(),
            fatal: watch::Sender::new(None),
        }));
        ChildReplaced::never();
        for _ in 0..slots {
            pool.spawn(None);
        }
        pool
    }

    /// Waits for a warm child that has not opened another project's uploads. If the task `opens_uploads`, the child then
    /// belongs to this project.
    pub async fn take(&self, project: &str, opens_uploads: bool) -> Warm {
        let mut warm = self.take_fit(project).await;
        if opens_uploads {
            warm.project = Some(project.to_owned());
        }
        warm
    }

    async fn take_fit(&self, project: &str) -> Warm {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            // Enabled before the check, so that a change between the check and the wait is not missed.
            changed.as_mut().enable();
            let found = {
                let mut ready = lock(&self.0.ready);
                let best = (0..ready.len()).min_by_key(|i| ready[*i].suits(project));
                best.map(|i| ready.swap_remove(i))
            };
            match found {
                // The child died while idle, so no task is to blame.
                Some(warm) if warm.child.is_dead() => self.lost(warm.child.pid(), warm.is_replaced(), "crash"),
                Some(warm) if warm.suits(project) < Suits::NotAtAll => return warm,
                Some(warm) => {
                    self.count(warm.child.pid(), "project");
                    let has_successor = warm.is_replaced();
                    self.retire(warm);
                    if !has_successor {
                        return self.fresh().await;
                    }
                }
                None => changed.await,
            }
        }
    }

    /// Starts a child for the caller, whose slot is free.
    async fn fresh(&self) -> Warm {
        let (give, given) = oneshot::channel();
        let pool = self.clone();
        tokio::spawn(async move {
            let Some(warm) = pool.begin_one().await else { return };
            // The run that wanted it may have ended.
            if let Err(warm) = give.send(warm) {
                lock(&pool.0.ready).push(warm);
                pool.0.changed.notify_one();
            }
        });
        match given.await {
            Ok(warm) => warm,
            // No child can be started, so the worker ends.
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits until a child is warm.
    pub async fn warm(&self) {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if !lock(&self.0.ready).is_empty() {
                return;
            }
            changed.await;
        }
    }

    /// Takes a child back after its task. Starts its successor if it has reached its memory limit or number of tasks.
    pub fn give_back(&self, mut warm: Warm, policy: &Policy) {
        warm.child.tasks += 1;
        let sample = warm.child.sample();
        self.seat(&warm, None, sample.rss_kib);
        if warm.replaced.is_none() {
            let cause = match () {
                () if sample.rss_kib >= policy.recycle_kib => Some("memory"),
                () if warm.child.tasks >= policy.tasks_per_child => Some("tasks"),
                () => None,
            };
            if let Some(cause) = cause {
                self.count(warm.child.pid(), cause);
                let replaced = Arc::new(AtomicBool::new(false));
                warm.replaced = Some(replaced.clone());
                self.spawn(Some(replaced));
            }
        }
        let mut ready = lock(&self.0.ready);
        // Checked under the lock: a successor that becomes warm now either has set the flag already, or finds this child in
        // `ready`.
        if warm.replaced.as_ref().is_some_and(|r| r.load(Ordering::Acquire)) {
            drop(ready);
            return self.retire(warm);
        }
        ready.push(warm);
        drop(ready);
        self.0.changed.notify_one();
    }

    /// Removes a child that died or was killed, and starts another unless it already has a successor.
    pub fn lost(&self, pid: u32, replaced: bool, cause: &'static str) {
        self.unseat(pid);
        self.count(pid, cause);
        if !replaced {
            self.spawn(None);
        }
    }

    /// Records what a child is doing.
    pub fn seat(&self, warm: &Warm, task: Option<Uuid>, rss_kib: u64) {
        let seat = Seat {
            task,
            rss_kib,
            tasks: warm.child.tasks,
            born: warm.child.born,
        };
        let mut seats = lock(&self.0.seats);
        seats.insert(warm.child.pid(), seat);
        seen(&seats).emit();
    }

    fn unseat(&self, pid: u32) {
        let mut seats = lock(&self.0.seats);
        seats.remove(&pid);
        seen(&seats).emit();
    }

    /// Resolves to the reason once the worker cannot go on.
    pub async fn fatal(&self) -> String {
        let mut fatal = self.0.fatal.subscribe();
        let reason = fatal.wait_for(Option::is_some).await.ok().and_then(|r| r.clone());
        reason.unwrap_or_else(|| "the pool of children is gone".into())
    }

    /// The pool's condition, for the heartbeat.
    pub fn condition(&self) -> Condition {
        Condition {
            slots: self.slots(),
            recycles: json!(*lock(&self.0.recycles)),
            sandbox: self.0.sandbox.get().map(Report::told),
            shortage: None,
        }
    }

    fn slots(&self) -> Value {
        let seats = lock(&self.0.seats);
        let seat = |(pid, s): (&u32, &Seat)| json!({"pid": pid, "task": s.task, "rss_kib": s.rss_kib, "tasks_done": s.tasks, "age_s": s.born.elapsed().as_secs()});
        seats.iter().map(seat).collect()
    }

    fn count(&self, pid: u32, cause: &'static str) {
        *lock(&self.0.recycles).entry(cause).or_default() += 1;
        ChildReplaced { pid, cause }.emit();
    }

    fn retire(&self, warm: Warm) {
        self.unseat(warm.child.pid());
        drop(warm);
    }

    /// Starts a child. `replaces`: the flag of the child that it replaces, which is set once the new one is warm.
    fn spawn(&self, replaces: Option<Arc<AtomicBool>>) {
        let pool = self.clone();
        tokio::spawn(async move {
            let Some(warm) = pool.begin_one().await else { return };
            lock(&pool.0.ready).push(warm);
            if let Some(replaced) = replaces {
                replaced.store(true, Ordering::Release);
                // The predecessor is dropped now if it is idle, else when it is given back.
                let gone: Vec<Warm> = {
                    let mut ready = lock(&pool.0.ready);
                    let is_gone = |w: &mut Warm| w.replaced.as_ref().is_some_and(|r| Arc::ptr_eq(r, &replaced));
                    ready.extract_if(.., is_gone).collect()
                };
                gone.into_iter().for_each(|warm| pool.retire(warm));
            }
            pool.0.changed.notify_one();
        });
    }

    async fn begin_one(&self) -> Option<Warm> {
        let child = self.start_one().await?;
        let warm = Warm {
            child,
            replaced: None,
            project: None,
        };
        self.seat(&warm, None, warm.child.sample().rss_kib);
        Some(warm)
    }

    /// Logs the sandbox of the first child, and checks the requirements. The worker ends if a child does not meet them, because
    /// no other child would.
    fn vet(&self, child: &Child) -> bool {
        let sandbox = &child.sandbox;
        self.0.sandbox.get_or_init(|| {
            tracing::info!("sandbox: {sandbox}");
            sandbox.clone()
        });
        let Demands {
            whole_sandbox,
            warm_below_kib,
        } = self.0.demands;
        let rss_kib = child.sample().rss_kib;
        let unmet = match sandbox.gaps().filter(|_| whole_sandbox) {
            Some(gaps) => Some(format!(
                "setting WORKER_SANDBOX_REQUIRED: the sandbox of children lacks {gaps}; mend that, or set it to false to run without"
            )),
            None if rss_kib >= warm_below_kib => Some(format!(
                "setting WORKER_MAX_MEMORY_PER_CHILD: a child takes {rss_kib} KiB before its first task and would be replaced \
                 after every one, from {warm_below_kib} KiB on; give more"
            )),
            None => None,
        };
        match unmet {
            None => true,
            Some(reason) => {
                self.0.fatal.send_replace(Some(reason));
                false
            }
        }
    }

    /// Retries with growing pauses. After too many failures, or if the tools cannot be made, ends the worker.
    async fn start_one(&self) -> Option<Child> {
        loop {
            let error = match Child::start(&self.0.spec).await {
                Ok(child) => {
                    self.0.failures.store(0, Ordering::Relaxed);
                    return self.vet(&child).then_some(child);
                }
                Err(error) => error,
            };
            // While a disk is full failures do not count, and the start is retried until there is space.
            let counts = u32::from(self.0.spec.space.shortage().is_none());
            let failures = self.0.failures.fetch_add(counts, Ordering::Relaxed) + counts;
            ChildNotStarted {
                error: &error,
                failures,
            }
            .emit();
            if failures >= HOPELESS || matches!(error, StartError::Unfit(_)) {
                self.0.fatal.send_replace(Some(error.to_string()));
                return None;
            }
            tokio::time::sleep(Duration::from_millis(200 << failures.min(6))).await;
        }
    }
}

/// How well a child suits a task, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Suits {
    /// It already belongs to the project, so fresh children are kept for other projects.
    Best,
    Well,
    /// It is being replaced, so it is used only if there is no other.
    AtNeed,
    NotAtAll,
}

impl Warm {
    fn suits(&self, project: &str) -> Suits {
        match &self.project {
            Some(another) if another != project => Suits::NotAtAll,
            _ if self.is_replaced() => Suits::AtNeed,
            Some(_) => Suits::Best,
            None => Suits::Well,
        }
    }

    /// Whether its successor has been started.
    pub fn is_replaced(&self) -> bool {
        self.replaced.is_some()
    }
}
