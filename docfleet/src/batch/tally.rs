//! Progress of a batch, counted in pages, because files can differ in size by a factor of a thousand.

#[derive(Debug, Clone, Copy, Default)]
struct Pages {
    /// `None` until the file has been opened.
    all: Option<u32>,
    read: u32,
    ended: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Tally {
    files: Vec<Pages>,
    ended: usize,
    failed: usize,
}

impl Tally {
    pub fn new(files: usize) -> Tally {
        Tally {
            files: vec![Pages::default(); files],
            ..Tally::default()
        }
    }

    /// Updates the `n`th file. A retry reads pages again, so the highest number of read pages counts.
    pub fn seen(&mut self, n: usize, all: Option<u32>, read: u32) {
        let file = &mut self.files[n];
        file.all = all.or(file.all);
        file.read = file.read.max(read);
    }

    pub fn ended(&mut self, n: usize, done: bool) {
        self.files[n].ended = true;
        self.ended += 1;
        self.failed += usize::from(!done);
    }

    pub fn files(&self) -> usize {
        self.files.len()
    }

    pub fn files_ended(&self) -> usize {
        self.ended
    }

    pub fn files_failed(&self) -> usize {
        self.failed
    }

    /// Pages that were actually read.
    pub fn read(&self) -> u64 {
        self.files.iter().map(|file| u64::from(file.read)).sum()
    }

    /// Pages that need no more waiting. All pages of an ended file count, read or not.
    pub fn behind(&self) -> u64 {
        let pages = self.files.iter().map(|file| {
            if file.ended {
                file.all.unwrap_or(file.read)
            } else {
                file.read
            }
        });
        pages.map(u64::from).sum()
    }

    /// All pages, and whether that is an estimate: a file whose pages are not known yet counts as the mean of the others.
    pub fn all(&self) -> (u64, bool) {
        let opened = self.files.iter().filter_map(|file| file.all);
        let (count, sum) = opened.fold((0, 0), |(count, sum), pages| (count + 1, sum + u64::from(pages)));
        let each = (sum / count.max(1)).max(1);
        let guessed = self.files.iter().any(|file| file.all.is_none() && !file.ended);
        let pages = self.files.iter().map(|file| match (file.all, file.ended) {
            (Some(all), _) => u64::from(all),
            (None, true) => u64::from(file.read),
            (None, false) => each,
        });
        (pages.sum(), guessed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unopened_files_are_taken_to_be_like_the_others() {
        let mut tally = Tally::new(4);
        assert_eq!((tally.behind(), tally.all()), (0, (4, true)));
        tally.seen(0, Some(10), 4);
        tally.seen(1, Some(2), 0);
        assert_eq!((tally.behind(), tally.all()), (4, (12 + 2 * 6, true)));
    }

    #[test]
    fn what_has_ended_is_behind_us_whole() {
        let mut tally = Tally::new(2);
        tally.seen(0, Some(10), 4);
        tally.ended(0, false);
        tally.ended(1, false);
        assert_eq!((tally.behind(), tally.all()), (10, (10, false)));
        assert_eq!((tally.read(), tally.files_ended(), tally.files_failed()), (4, 2, 2));
    }

    #[test]
    fn a_retry_takes_nothing_back() {
        let mut tally = Tally::new(1);
        tally.seen(0, Some(10), 7);
        tally.seen(0, None, 2);
        assert_eq!((tally.behind(), tally.all()), (7, (10, false)));
    }
}
