//! The tables of queues and workers. Every other list of them (dashboard, command line, chaos, images, tests) derives from
//! these.

use crate::names;
use crate::policy::Policy;
use settings::{
    CATEGORIZATION_TIME_LIMIT, CLEAN_DELETED_DOCUMENT_TIME_LIMIT, DOCUMENT_TEXT_AND_BBOXES_TIME_LIMIT,
    EVALUATION_TIME_LIMIT, EXTRACTION_TIME_LIMIT, Number, PAGE_IMAGE_TIME_LIMIT, SANDWICH_PDF_TIME_LIMIT, Seconds,
    Setting, Settings, TRAINING_CATEGORIZATION_TIME_LIMIT, TRAINING_EXTRACTION_TIME_LIMIT,
    WORKER_KILL_MEMORY_PER_CHILD, WORKER_MAX_MEMORY_PER_CHILD, WORKER_MAX_TASKS_PER_CHILD, WORKER_NO_PROGRESS_LIMIT,
};
use std::time::Duration;

names! {
    Queue {
        PriorityOcr = "priority_ocr",
        Ocr = "ocr",
        Processing = "processing",
        Categorize = "categorize",
        PriorityExtract = "priority_extract",
        Extract = "extract",
        Finalize = "finalize",
        Training = "training",
        TrainingHeavy = "training_heavy",
        Evaluation = "evaluation",
        Maintenance = "maintenance",
    }
}

/// A worker binary. All code that starts, packages or checks workers uses this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    /// The name that operators use: `ocr` stands for `worker-ocr`.
    pub name: &'static str,
    /// The queues that the worker serves, the most urgent first.
    pub queues: &'static [Queue],
    /// Its tasks keep a core busy, so it gets a slot for each core. The other workers use what is left.
    pub fills_a_core: bool,
    /// The binary links libtorch, which not every machine has.
    pub needs_torch: bool,
}

/// In the order in which a document passes through them.
#[rustfmt::skip]
pub const WORKERS: &[Worker] = &[
    Worker { name: "ocr", queues: &[Queue::PriorityOcr, Queue::Ocr, Queue::Processing], fills_a_core: true, needs_torch: false },
    Worker { name: "categorize", queues: &[Queue::Categorize], fills_a_core: false, needs_torch: false },
    Worker { name: "extract", queues: &[Queue::PriorityExtract, Queue::Extract], fills_a_core: false, needs_torch: false },
    Worker { name: "finalize", queues: &[Queue::Finalize, Queue::Maintenance], fills_a_core: false, needs_torch: false },
    Worker { name: "training", queues: &[Queue::Training, Queue::TrainingHeavy, Queue::Evaluation], fills_a_core: false, needs_torch: true },
];

impl Worker {
    /// The program's file name.
    pub fn binary(&self) -> String {
        format!("worker-{}", self.name)
    }
}

const MIB: u64 = 1024;
const SECOND: Duration = Duration::from_secs(1);

impl Queue {
    /// The setting for a queue's hard limit, and the queue's policy before other settings are applied.
    ///
    /// `stall` is the no-progress limit. Progress is reported page by page, so in the document queues it is the longest time
    /// that a single page may take.
    #[rustfmt::skip]
    fn row(self) -> (Setting<Seconds>, Policy) {
        let base = Policy::BASE;
        match self {
            Queue::PriorityOcr
            | Queue::Ocr         => (DOCUMENT_TEXT_AND_BBOXES_TIME_LIMIT, Policy { stall: 600 * SECOND, recycle_kib: 700 * MIB, kill_kib: 2048 * MIB, tasks_per_child: 50, ..base }),
            Queue::Processing    => (PAGE_IMAGE_TIME_LIMIT, Policy { stall: 600 * SECOND, recycle_kib: 700 * MIB, kill_kib: 2048 * MIB, tasks_per_child: 50, ..base }),
            Queue::Categorize    => (CATEGORIZATION_TIME_LIMIT, Policy { stall: 120 * SECOND, recycle_kib: 400 * MIB, kill_kib: 1024 * MIB, tasks_per_child: 500, ..base }),
            Queue::PriorityExtract
            | Queue::Extract     => (EXTRACTION_TIME_LIMIT, Policy { stall: 600 * SECOND, recycle_kib: 400 * MIB, kill_kib: 1024 * MIB, tasks_per_child: 500, ..base }),
            Queue::Finalize      => (SANDWICH_PDF_TIME_LIMIT, Policy { stall: 600 * SECOND, recycle_kib: 700 * MIB, kill_kib: 2048 * MIB, tasks_per_child: 100, ..base }),
            Queue::Training      => (TRAINING_CATEGORIZATION_TIME_LIMIT, Policy { stall: 1800 * SECOND, recycle_kib: 1536 * MIB, kill_kib: 4096 * MIB, tasks_per_child: 1, slots: 1, ..base }),
            Queue::TrainingHeavy => (TRAINING_EXTRACTION_TIME_LIMIT, Policy { stall: 3600 * SECOND, recycle_kib: 4096 * MIB, kill_kib: 16384 * MIB, tasks_per_child: 1, slots: 1, ..base }),
            Queue::Evaluation    => (EVALUATION_TIME_LIMIT, Policy { stall: 1800 * SECOND, recycle_kib: 1536 * MIB, kill_kib: 4096 * MIB, tasks_per_child: 1, slots: 1, ..base }),
            Queue::Maintenance   => (CLEAN_DELETED_DOCUMENT_TIME_LIMIT, Policy { stall: 600 * SECOND, max_attempts: 20, slots: 1, ..base }),
        }
    }

    /// The policy in force: the table's, changed by the settings.
    pub fn policy(self, settings: &Settings) -> Policy {
        let (limit, mut policy) = self.row();
        policy.hard = settings.get(limit);
        // The time between the soft and the hard limit lets a task stop cleanly.
        policy.soft = policy.hard.mul_f64(0.9).max(policy.hard.saturating_sub(30 * SECOND));
        let given = |setting: Setting<Number>| Some(settings.get(setting)).filter(|n| *n > 0);
        if let Some(seconds) = given(WORKER_NO_PROGRESS_LIMIT) {
            policy.stall = Duration::from_secs(seconds);
        }
        policy.stall = policy.stall.min(policy.hard);
        policy.recycle_kib = given(WORKER_MAX_MEMORY_PER_CHILD).unwrap_or(policy.recycle_kib);
        policy.kill_kib = given(WORKER_KILL_MEMORY_PER_CHILD).unwrap_or(policy.kill_kib);
        policy.tasks_per_child =
            given(WORKER_MAX_TASKS_PER_CHILD).map_or(policy.tasks_per_child, |n| u32::try_from(n).unwrap_or(u32::MAX));
        policy
    }

    /// Whether the queue's tasks wait while a disk is full, because they write much. Tasks that delete do not wait: they make
    /// room.
    pub fn needs_room(self) -> bool {
        self != Queue::Maintenance
    }

    /// The queue for urgent documents, if this queue has one; else the queue itself.
    pub fn urgent(self) -> Queue {
        match self {
            Queue::Ocr => Queue::PriorityOcr,
            Queue::Extract => Queue::PriorityExtract,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_queue_has_a_sound_policy() {
        let settings = Settings::from_pairs([], []).unwrap();
        for queue in Queue::ALL {
            let p = queue.policy(&settings);
            assert!(p.soft < p.hard && p.stall <= p.hard, "{queue}: {p:?}");
            assert!(p.recycle_kib < p.kill_kib, "{queue}: {p:?}");
            assert!(p.max_attempts >= p.max_crashes && p.slots > 0, "{queue}: {p:?}");
        }
    }

    #[test]
    fn every_queue_has_one_worker() {
        for queue in Queue::ALL {
            let serving = WORKERS.iter().filter(|worker| worker.queues.contains(queue));
            assert_eq!(serving.count(), 1, "{queue}");
        }
    }

    #[test]
    fn settings_reach_the_policy() {
        let env = [("CATEGORIZATION_TIME_LIMIT", "20"), ("WORKER_MAX_TASKS_PER_CHILD", "7")];
        let settings = Settings::from_pairs(env.map(|(k, v)| (k.to_owned(), v.to_owned())), []).unwrap();
        let policy = Queue::Categorize.policy(&settings);
        assert_eq!((policy.hard, policy.tasks_per_child), (20 * SECOND, 7));
        assert_eq!(policy.stall, 20 * SECOND, "no-progress never outlasts the hard limit");
    }
}
