use std::path::{Path, PathBuf};

/// A folder of test documents that are not part of the repository: below `DOCFLEET_DATA_SETS`, or in `../shared/data` beside
/// the workspace. If neither exists, returns `None` with a message, and the test is skipped.
///
/// # Panics
/// When there are data sets but not this one: a skipped test would prove nothing.
pub fn data_set(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("DOCFLEET_DATA_SETS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let sets = given.or_else(|| beside.is_dir().then_some(beside));
    let Some(sets) = sets else {
        eprintln!("skipped: no data sets here (DOCFLEET_DATA_SETS names their folder)");
        return None;
    };
    let folder = sets.join(name);
    assert!(
        folder.is_dir(),
        "{} is not there (DOCFLEET_DATA_SETS names the folder of data sets)",
        folder.display()
    );
    Some(folder)
}
