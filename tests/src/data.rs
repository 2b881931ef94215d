use std::path::{Path, PathBuf};

/// A folder of test documents that is not part of the repository: below `DOCFLEET_DATA_SETS`, or `../shared/data` beside the
/// workspace. Where neither is there, says so; the test then returns.
///
/// # Panics
/// Where there are data sets, and not this one: a test that then returned would show nothing.
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
