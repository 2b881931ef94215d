//! Chooses how many pages make a task: as many as this machine reads in a few seconds.

use queue_schema::document::PageSource;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Target duration of a task of several pages. Pages of other documents may have to wait this long, and a worker that crashes
/// loses this much work.
const TASK: Duration = Duration::from_secs(4);
/// Less work than this is not worth splitting among workers.
const WORTH_SHARING: Duration = Duration::from_millis(250);
/// A document is split into about this many tasks, so that even a short scan keeps every core busy.
const SHARES: usize = 8;
/// Most pages of a task: they are in memory together, and lost together.
const MOST: usize = 32;
/// Pages in the moving average, so that the pace follows the machine's load.
const RECENT: u32 = 8;

/// Mean time to recognise a page on this machine. Kept in the supervisor for its whole life, because child processes are
/// replaced.
pub(crate) static HERE: Pace = Pace(Mutex::new(Mean { seconds: 0.0, pages: 0 }));

pub(crate) struct Pace(Mutex<Mean>);

#[derive(Debug, Clone, Copy)]
struct Mean {
    seconds: f32,
    pages: u32,
}

impl Pace {
    /// Counts a page. Only recognised pages count: the time for a text layer depends on the document, that for recognition on
    /// the machine.
    pub(crate) fn note(&self, source: PageSource, took: Duration) {
        if source != PageSource::Ocr {
            return;
        }
        let mut mean = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mean.pages = (mean.pages + 1).min(RECENT);
        mean.seconds += (took.as_secs_f32() - mean.seconds) / mean.pages as f32;
    }

    /// Mean time of a page. `None` before the first page.
    pub(crate) fn of_a_page(&self) -> Option<Duration> {
        let mean = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (mean.pages > 0).then(|| Duration::from_secs_f32(mean.seconds))
    }
}

/// Pages per task for a document of `count` pages, each of which takes about `page`. 1 while the pace is unknown.
pub(crate) fn pages_per_task(count: usize, page: Option<Duration>) -> u32 {
    let Some(page) = page else { return 1 };
    let fit = |time: Duration| (time.as_secs_f32() / page.as_secs_f32().max(1e-6)) as usize;
    let share = count.div_ceil(SHARES).max(fit(WORTH_SHARING));
    share.min(fit(TASK)).clamp(1, MOST) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(count: usize, page_ms: u64) -> u32 {
        pages_per_task(count, Some(Duration::from_millis(page_ms)))
    }

    #[test]
    fn a_task_takes_a_few_seconds_whatever_the_machine() {
        assert_eq!(tasks(300, 1_000), 4);
        assert_eq!(tasks(300, 300), 13);
        assert_eq!(tasks(300, 42_000), 1);
        assert_eq!(tasks(300, 0), 32);
        assert_eq!(pages_per_task(300, None), 1);
    }

    #[test]
    fn a_short_document_is_shared_where_that_is_worth_it() {
        assert_eq!(tasks(16, 1_000), 2);
        assert_eq!(tasks(8, 500), 1);
        assert_eq!(tasks(10, 5), 32, "text layers of ten pages are one task");
    }

    #[test]
    fn the_pace_follows_what_pages_take() {
        let pace = Pace(Mutex::new(Mean { seconds: 0.0, pages: 0 }));
        assert_eq!(pace.of_a_page(), None);
        pace.note(PageSource::TextLayer, Duration::from_secs(9));
        pace.note(PageSource::Unreadable, Duration::from_secs(9));
        assert_eq!(pace.of_a_page(), None);
        pace.note(PageSource::Ocr, Duration::from_secs(2));
        assert_eq!(pace.of_a_page(), Some(Duration::from_secs(2)));
        for _ in 0..50 {
            pace.note(PageSource::Ocr, Duration::from_secs(6));
        }
        let now = pace.of_a_page().expect("pages were read").as_secs_f32();
        assert!((5.9..6.1).contains(&now), "{now}");
    }
}
