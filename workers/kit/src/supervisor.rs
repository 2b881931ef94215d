//! The supervisor: claims and runs tasks until it is told to stop, then drains.

use crate::cgroup::Groups;
use crate::control::Order;
use crate::erased::Kind;
use crate::events;
use crate::family;
use crate::heartbeat;
use crate::leases::Leases;
use crate::pool::{Demands, Pool};
use crate::process::Spec;
use crate::quota::Quota;
use crate::run::Runner;
use crate::scratch;
use apalis::layers::WorkerBuilderExt;
use apalis_core::worker::builder::WorkerBuilder;
use boot::{Shutdown, Space};
use broker::{Claimed, Claimer, JobContext, Registration, TaskSource};
use queue_schema::Queue;
use settings::{
    API_KEY, BROKER_URL, DATABASE_FOLDER, DATABASE_URL, DRAIN_SECONDS, Entry, HOST_NAME, METRICS_BIND, POLL_SECONDS,
    STORAGE_URL, Settings, WORKER_SANDBOX_REQUIRED, WORKER_SCRATCH_DIR, WORKER_SLOTS,
};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;
use uuid::Uuid;

/// What a worker binary consists of.
pub struct Plan<C> {
    pub name: &'static str,
    /// In lane order.
    pub queues: Vec<Queue>,
    pub kinds: Vec<Kind<C>>,
    pub child_args: Vec<String>,
}

/// Settings that no child gets: the addresses of the database, the broker and the object store, and keys.
const KEPT_FROM_CHILDREN: &[&dyn Entry] = &[
    &DATABASE_URL,
    &DATABASE_FOLDER,
    &BROKER_URL,
    &STORAGE_URL,
    &METRICS_BIND,
    &API_KEY,
];

/// Longest time for a worker that cannot go on to hand its tasks back.
const HAND_BACK: Duration = Duration::from_secs(5);

/// Runs until a signal (or an operator's drain) ends it.
///
/// # Errors
/// A message for the operator, if the worker cannot start or cannot go on.
pub async fn supervise<C: JobContext>(plan: Plan<C>, settings: Settings) -> Result<(), String> {
    let _metrics = boot::metrics::install(&settings, &[events::METRICS, broker::METRICS])
        .await
        .map_err(|e| format!("metrics: {e}"))?;
    let shutdown = Shutdown::listen().map_err(|e| format!("signals cannot be heard: {e}"))?;
    let opening = broker::await_server(|| C::open(&settings));
    let Some(context) = shutdown.drain.run_until_cancelled(opening).await else {
        return Ok(());
    };
    let context = context.map_err(|e| e.to_string())?;
    // As with scratch folders, the next worker cleans up after one that died.
    family::end_orphaned();
    let scratch = match settings.get(WORKER_SCRATCH_DIR) {
        Some(folder) => PathBuf::from(folder),
        None => std::env::temp_dir(),
    };
    let scratch = scratch::Root::make(&scratch, plan.name).map_err(|e| {
        format!(
            "setting WORKER_SCRATCH_DIR: no folder can be made in {}: {e}",
            scratch.display()
        )
    })?;
    let scratch = Arc::new(scratch);
    let space = Arc::new(Space::of(&settings));

    let slots = slots(&plan.queues, &settings);
    let executable = std::env::current_exe().map_err(|e| format!("our own binary cannot be found: {e}"))?;
    let pool = Pool::start(
        Spec {
            executable,
            args: plan.child_args,
            env: child_env(&settings),
            scratch: scratch.clone(),
            space: space.clone(),
            groups: groups(),
        },
        slots,
        Demands {
            whole_sandbox: settings.get(WORKER_SANDBOX_REQUIRED),
            warm_below_kib: recycle_kib(&context, &plan.queues),
        },
    );
    let leases = Leases::new(context.broker().clone(), plan.queues.clone(), slots);
    let worker = Registration {
        id: Uuid::now_v7(),
        name: plan.name.to_owned(),
        host: host_name(&settings),
        queues: plan.queues.clone(),
    };
    context.broker().register(&worker).await.map_err(|e| e.to_string())?;
    tracing::info!(worker = %worker.id, slots, queues = ?plan.queues.iter().map(|q| q.as_str()).collect::<Vec<_>>(), "ready");

    let watched = space.clone();
    let claimer = Claimer::new(
        context.broker().clone(),
        worker.id,
        plan.queues,
        settings.get(POLL_SECONDS),
        shutdown.drain.clone(),
    )
    .while_room(move || watched.shortage().is_none());
    let beat = tokio::spawn(heartbeat::beat(
        context.broker().clone(),
        worker.clone(),
        pool.clone(),
        space.clone(),
        shutdown.drain.clone(),
    ));
    let renewals = leases.clone();
    let keep = tokio::spawn(async move { renewals.keep().await });
    let runner = Arc::new(Runner {
        context: context.clone(),
        kinds: plan.kinds.into_iter().map(|kind| (kind.name, kind)).collect(),
        pool: pool.clone(),
        leases: leases.clone(),
        scratch,
        space,
        quota: Quota::in_force(&settings),
    });

    let cannot_go_on = async {
        tokio::select! {
            reason = pool.fatal() => reason,
            _ = keep => "the renewal of leases ended by itself".to_owned(),
        }
    };
    let mut working = pin!(claim_and_run(plan.name, claimer, runner, slots, &shutdown));
    let ended = tokio::select! {
        ended = &mut working => ended,
        never = drain_in_time(&shutdown, &leases, settings.get(DRAIN_SECONDS)) => match never {},
        reason = cannot_go_on => {
            // The claimed tasks are not to blame, so they are handed back for other workers.
            shutdown.drain.cancel();
            leases.order_all(&Order::HandBack);
            let _ = tokio::time::timeout(HAND_BACK, working).await;
            Err(reason)
        }
    };
    beat.abort();
    if let Err(error) = context.broker().forget(worker.id).await {
        tracing::warn!(%error, "worker not signed off");
    }
    ended
}

/// apalis takes tasks from the broker as slots become free. Each run has a tokio task of its own.
async fn claim_and_run<C: JobContext>(
    name: &str,
    claimer: Claimer,
    runner: Arc<Runner<C>>,
    slots: usize,
    shutdown: &Shutdown,
) -> Result<(), String> {
    let drain = shutdown.drain.clone();
    // A worker without a warm child must not take tasks away from workers that can run them.
    if drain.run_until_cancelled(runner.pool.warm()).await.is_none() {
        return Ok(());
    }
    let worker = WorkerBuilder::new(name)
        .backend(TaskSource::start(claimer))
        .concurrency(slots)
        .catch_panic()
        .build(move |claimed: Claimed| {
            let runner = runner.clone();
            let span = events::span_of(&claimed);
            async move {
                let run = tokio::spawn(runner.run(claimed).instrument(span));
                run.await.map_err(std::io::Error::other)
            }
        });
    let stop = {
        let drain = drain.clone();
        async move {
            drain.cancelled().await;
            Ok::<(), std::io::Error>(())
        }
    };
    let ended = worker.run_until(stop).await;
    match ended {
        _ if drain.is_cancelled() => Ok(()),
        Ok(()) => Err("the worker stopped taking tasks by itself".to_owned()),
        Err(error) => Err(format!("the worker stopped taking tasks: {error}")),
    }
}

/// When a drain begins, lets running tasks go on for `grace`, then hands them back. A second signal hands them back at once.
async fn drain_in_time(shutdown: &Shutdown, leases: &Leases, grace: Duration) -> std::convert::Infallible {
    shutdown.drain.cancelled().await;
    // The steps that are done are kept, and another worker can go on with the rest before `grace` is over.
    leases.ask_all_to_give_way();
    let _ = tokio::time::timeout(grace, shutdown.at_once.cancelled()).await;
    leases.order_all(&Order::HandBack);
    std::future::pending().await
}

fn slots(queues: &[Queue], settings: &Settings) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    match settings.get(WORKER_SLOTS) {
        0 => queues
            .iter()
            .map(|q| q.policy(settings).slots as usize)
            .max()
            .unwrap_or(1)
            .min(cores),
        given => usize::try_from(given).unwrap_or(cores),
    }
}

/// The lowest `recycle_kib` of these queues.
fn recycle_kib(context: &impl JobContext, queues: &[Queue]) -> u64 {
    let limits = queues.iter().map(|queue| context.broker().policy(*queue).recycle_kib);
    limits.min().unwrap_or(u64::MAX)
}

/// The control groups for children, if there are any. Logs how children's memory is limited.
fn groups() -> Option<Groups> {
    match Groups::divide() {
        Ok(groups) => {
            tracing::info!("the memory of children is limited by the kernel, and looked at");
            Some(groups)
        }
        Err(reason) => {
            tracing::info!(reason, "the memory of children is looked at, not limited by the kernel");
            None
        }
    }
}

fn child_env(settings: &Settings) -> Vec<(String, String)> {
    let is_kept = |name: &str| KEPT_FROM_CHILDREN.iter().any(|kept| kept.name() == name);
    let given = settings.given().filter(|(name, _)| !is_kept(name));
    let mut env: Vec<(String, String)> = given.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    // Must be set before exec: Tesseract's OpenMP counts the cores when it is loaded.
    env.push(("OMP_THREAD_LIMIT".into(), "1".into()));
    env.push(("LC_ALL".into(), "C.UTF-8".into()));
    let inherited = ["PATH", "TESSDATA_PREFIX", "LD_LIBRARY_PATH"];
    env.extend(
        inherited
            .iter()
            .filter_map(|name| Some((name.to_string(), std::env::var(name).ok()?))),
    );
    env
}

fn host_name(settings: &Settings) -> String {
    match settings.get(HOST_NAME) {
        Some(name) => name.to_owned(),
        None => rustix::system::uname().nodename().to_string_lossy().into_owned(),
    }
}
