//! What commands cost: processor time, which other work on the machine changes far less than the time on the wall.

use std::time::Duration;

/// What all children of this process, and theirs, have taken so far, those that have ended and were waited for.
///
/// # Panics
/// Where /proc does not say.
pub fn of_children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc is mounted");
    // The name, which may hold anything, stands in parentheses; cutime and cstime are the 16th and 17th field (proc(5)).
    let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
    let ticks = fields.split_whitespace().skip(13).take(2);
    let ticks: u64 = ticks.map(|n| n.parse::<u64>().expect("a number")).sum();
    Duration::from_secs(ticks) / rustix::param::clock_ticks_per_second() as u32
}

/// What `work` and the commands that it ran took.
pub fn of<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let before = of_children();
    let done = work();
    (done, of_children() - before)
}
