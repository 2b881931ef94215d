//! The model, beside the real broker.

use super::Event;
use crate::support::{Fleet, QUEUES, Results, task};
use broker::{Claimed, Error, Renewal, Run, Usage};
use proptest::sample::Index;
use queue_schema::invariants::{Snapshot, unwoken};
use queue_schema::state::{Cause, Spent, transition};
use queue_schema::{Outcome, Policy, State, wake};
use redis::AsyncCommands;
use std::time::Duration;
use uuid::Uuid;

const LATER: Duration = Duration::from_secs(3600);
/// Long enough to pop a wake-up that exists, but not to wait for one.
const AT_ONCE: Duration = Duration::from_millis(1);

struct Task {
    id: Uuid,
    state: State,
    spent: Spent,
    token: Option<Uuid>,
    expired: bool,
    to_be_cancelled: bool,
    urgent: bool,
    key: Option<u8>,
}

struct RunOf {
    task: usize,
    token: Uuid,
}

pub struct World<'f> {
    fleet: &'f Fleet,
    redis: redis::aio::MultiplexedConnection,
    policy: Policy,
    tasks: Vec<Task>,
    /// All runs that ever existed.
    runs: Vec<RunOf>,
    paused: bool,
    /// Expired leases still stand, because no process could renew them.
    grace: bool,
    last: Snapshot,
}

impl<'f> World<'f> {
    pub async fn new(fleet: &'f Fleet) -> World<'f> {
        let client = redis::Client::open(fleet.home.broker_url()).unwrap();
        let mut world = World {
            fleet,
            redis: client.get_multiplexed_async_connection().await.unwrap(),
            policy: fleet.broker.policy(QUEUES[0]).clone(),
            tasks: Vec::new(),
            runs: Vec::new(),
            paused: false,
            grace: false,
            last: Snapshot::default(),
        };
        world.sql("TRUNCATE tasks, attempts, queues, schedule_fires").await;
        world.flush().await;
        world.happens(&Event::OutageOver).await;
        world
    }

    async fn sql(&self, statements: &str) {
        let client = self.fleet.broker.pool().get().await.unwrap();
        client.batch_execute(statements).await.unwrap();
    }

    async fn flush(&mut self) {
        let () = redis::cmd("FLUSHDB").query_async(&mut self.redis).await.unwrap();
    }

    pub async fn happens(&mut self, event: &Event) {
        let broker = &self.fleet.broker;
        match event {
            Event::Enqueue {
                flow,
                urgent,
                key,
                later,
            } => self.enqueue(*flow, *urgent, *key, *later).await,
            Event::Claim => self.claim().await,
            Event::ClaimWoken => self.claim_woken().await,
            Event::Renew(which) => self.renew(which).await,
            Event::Expire(which) => self.expire(which).await,
            Event::Reap => self.reap().await,
            Event::Complete(which) => self.complete(which).await,
            Event::End(which, outcome) => self.end(which, *outcome).await,
            Event::Cancel(which) => self.cancel(which).await,
            Event::Release => self.release().await,
            Event::FlushRedis => self.flush().await,
            Event::Reconcile => self.reconcile().await,
            Event::Pause => {
                broker.pause(QUEUES[0], "the model").await.unwrap();
                self.paused = true;
            }
            Event::Resume => {
                broker.resume(QUEUES[0], "the model").await.unwrap();
                self.paused = false;
            }
            Event::Outage => {
                self.sql("UPDATE lease_watch SET seen = now() - interval '1 day'").await;
                broker.watch_leases().await.unwrap();
                self.grace = true;
            }
            Event::OutageOver => {
                self.sql("UPDATE lease_watch SET gap_to = '-infinity'").await;
                self.grace = false;
            }
        }
    }

    async fn enqueue(&mut self, flow: u8, urgent: bool, key: Option<u8>, later: bool) {
        let mut new = task().in_flow(flow.to_string()).urgent(urgent);
        if let Some(key) = key {
            new = new.unique(format!("key {key}"));
        }
        if later {
            new = new.due_in(LATER);
        }
        let held = |t: &Task| key.is_some() && t.key == key && !t.state.is_terminal();
        let known = self.tasks.iter().any(held);
        let id = new.id();
        let enqueued = self.fleet.enqueue(&[new]).await;
        assert_eq!(enqueued.is_empty(), known, "a key is one live task's");
        if !known {
            self.tasks.push(Task {
                id,
                state: if later { State::Scheduled } else { State::Ready },
                spent: Spent::default(),
                token: None,
                expired: false,
                to_be_cancelled: false,
                urgent,
                key,
            });
        }
    }

    fn ready(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|t| t.state == State::Ready)
    }

    async fn claim(&mut self) {
        let claimed = self.fleet.next().await;
        assert_eq!(claimed.is_some(), !self.paused && self.ready().next().is_some());
        if let Some(claimed) = claimed {
            let urgent = self.ready().any(|t| t.urgent);
            assert_eq!(claimed.urgent, urgent, "urgent ones come first");
            self.runs_now(&claimed);
        }
    }

    async fn claim_woken(&mut self) {
        let mut waiter = self.fleet.broker.wake().waiter();
        let Some(id) = waiter.next(QUEUES, AT_ONCE).await.unwrap() else {
            return;
        };
        let claimed = self.fleet.broker.claim(self.fleet.worker, QUEUES, &[id]).await.unwrap();
        let may_run = !self.paused && self.ready().any(|t| t.id == id);
        assert_eq!(
            claimed.len(),
            usize::from(may_run),
            "a wake-up is a hint, the row decides"
        );
        if let Some(claimed) = claimed.first() {
            self.runs_now(claimed);
        }
    }

    fn runs_now(&mut self, claimed: &Claimed) {
        let number = self.tasks.iter().position(|t| t.id == claimed.id).unwrap();
        let task = &mut self.tasks[number];
        let after = transition(task.state, Cause::Claimed, task.spent, &self.policy, 0.5).unwrap();
        (task.state, task.spent) = (after.to, after.spent);
        (task.token, task.expired) = (Some(claimed.token), false);
        assert_eq!(claimed.attempt, after.spent.attempts);
        self.runs.push(RunOf {
            task: number,
            token: claimed.token,
        });
    }

    /// A run, its task, and whether its lease stands.
    fn pick(&self, which: &Index) -> Option<(Run, usize, bool)> {
        (!self.runs.is_empty()).then(|| self.run(which.index(self.runs.len())))
    }

    fn run(&self, number: usize) -> (Run, usize, bool) {
        let run = &self.runs[number];
        let task = &self.tasks[run.task];
        let stands = task.token == Some(run.token) && (!task.expired || self.grace);
        let of = Run {
            id: task.id,
            token: run.token,
            document: None,
        };
        (of, run.task, stands)
    }

    async fn renew(&mut self, which: &Index) {
        let Some((run, task, stands)) = self.pick(which) else {
            return;
        };
        let renewal = Renewal {
            id: run.id,
            token: run.token,
            progress: None,
        };
        let renewed = self.fleet.broker.renew(&[renewal]).await.unwrap();
        assert_eq!(
            renewed.len(),
            usize::from(stands),
            "only a lease that stands is renewed"
        );
        if let Some(renewed) = renewed.first() {
            assert_eq!(renewed.cancel.is_some(), self.tasks[task].to_be_cancelled);
            self.tasks[task].expired = false;
        }
    }

    async fn expire(&mut self, which: &Index) {
        let Some((run, task, _)) = self.pick(which) else { return };
        if self.tasks[task].token == Some(run.token) {
            self.fleet.expire(run.id).await;
            self.tasks[task].expired = true;
        }
    }

    async fn reap(&mut self) {
        let reaped = self.fleet.broker.reap(1000).await.unwrap();
        let lost: Vec<usize> = (0..self.tasks.len())
            .filter(|n| self.tasks[*n].token.is_some() && self.tasks[*n].expired && !self.grace)
            .collect();
        assert_eq!(reaped, lost.len());
        lost.into_iter().for_each(|n| self.ends(n, Outcome::WorkerLost));
    }

    async fn complete(&mut self, which: &Index) {
        if let Some(picked) = self.pick(which) {
            self.complete_run(picked).await;
        }
    }

    async fn complete_run(&mut self, (run, task, stands): (Run, usize, bool)) {
        let completed = self
            .fleet
            .broker
            .complete(run, Usage::default(), Results::default())
            .await;
        match completed {
            Ok(()) => {
                assert!(stands, "a run without a lease was completed");
                self.tasks[task].to_be_cancelled = false;
                self.ends(task, Outcome::Done);
            }
            Err(Error::LeaseLost(_)) => assert!(!stands, "a run with a lease was refused"),
            Err(error) => panic!("{error}"),
        }
    }

    async fn end(&mut self, which: &Index, outcome: Outcome) {
        let Some((run, task, stands)) = self.pick(which) else {
            return;
        };
        match self.fleet.broker.fail(run, outcome, None, Usage::default()).await {
            Ok(state) => {
                assert!(stands, "a run without a lease was ended");
                self.ends(task, outcome);
                assert_eq!(state, self.tasks[task].state);
            }
            Err(Error::LeaseLost(_)) => assert!(!stands, "a run with a lease was refused"),
            Err(error) => panic!("{error}"),
        }
    }

    fn ends(&mut self, number: usize, outcome: Outcome) {
        let task = &mut self.tasks[number];
        let outcome = if task.to_be_cancelled {
            Outcome::Cancelled
        } else {
            outcome
        };
        let after = transition(State::Running, Cause::Ended(outcome), task.spent, &self.policy, 0.5).unwrap();
        (task.state, task.spent, task.token) = (after.to, after.spent, None);
    }

    async fn cancel(&mut self, which: &Index) {
        if self.tasks.is_empty() {
            return;
        }
        let number = which.index(self.tasks.len());
        let task = &mut self.tasks[number];
        let mut client = self.fleet.broker.pool().get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        let waiting = broker::cancel(&tx, &[task.id], "the model wants it").await.unwrap();
        tx.commit().await.unwrap();
        let waits = transition(task.state, Cause::Cancel, task.spent, &self.policy, 0.5);
        assert_eq!(waiting, usize::from(waits.is_some()));
        match waits {
            Some(after) => task.state = after.to,
            None => task.to_be_cancelled |= task.state == State::Running,
        }
    }

    async fn release(&mut self) {
        self.sql("UPDATE tasks SET due_at = now() WHERE state = 'scheduled'")
            .await;
        let scheduled = self.tasks.iter_mut().filter(|t| t.state == State::Scheduled);
        let count = scheduled.map(|t| t.state = State::Ready).count();
        assert_eq!(self.fleet.broker.release_due(1000).await.unwrap(), count);
    }

    async fn reconcile(&mut self) {
        self.sql("UPDATE tasks SET ready_at = now() - interval '3 seconds' WHERE state = 'ready'")
            .await;
        self.fleet.broker.reconcile().await.unwrap();
        let known: Vec<String> = self.redis.zrange(wake::ready_key(QUEUES[0]), 0, -1).await.unwrap();
        let known: Vec<Uuid> = known.iter().map(|id| id.parse().unwrap()).collect();
        let ready: Vec<Uuid> = self.ready().map(|t| t.id).collect();
        assert_eq!(unwoken(&ready, &known), []);
    }

    /// Asserts that the broker's tasks agree with the model, and that no invariant is broken.
    pub async fn agrees(&mut self) {
        let mut client = self.fleet.broker.pool().get().await.unwrap();
        let now = fleet_tests::snapshot(&mut client).await.expect("a snapshot");
        assert_eq!(now.breaches(), []);
        assert_eq!(now.breaches_since(&self.last), []);
        assert_eq!(now.tasks.len(), self.tasks.len());
        for task in &self.tasks {
            let real = now.tasks.iter().find(|t| t.id == task.id).unwrap();
            assert_eq!(
                (real.state, real.spent, real.token),
                (task.state, task.spent, task.token),
                "{real}"
            );
        }
        self.last = now;
    }

    /// Asserts that all tasks end once the queue is resumed and the outage is over.
    pub async fn comes_to_rest(&mut self) {
        for event in [Event::Resume, Event::OutageOver] {
            self.happens(&event).await;
        }
        self.sql("UPDATE tasks SET lease_until = now() - interval '1 second' WHERE state = 'running'")
            .await;
        self.tasks.iter_mut().for_each(|t| t.expired = t.token.is_some());
        for event in [Event::Reap, Event::Release] {
            self.happens(&event).await;
        }
        while self.ready().next().is_some() {
            self.claim().await;
            self.complete_run(self.run(self.runs.len() - 1)).await;
        }
        self.agrees().await;
        assert_eq!(self.last.unended(), []);
    }
}
