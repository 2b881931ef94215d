use std::path::{Path, PathBuf};

/// A folder of test documents that is not part of the repository: `DOCFLEET_DATA_SETS`, or `../shared/data` beside the
/// workspace. Where there is none, says so; the test then returns.
pub fn data_set(name: &str) -> Option<PathBuf> {
    let sets = std::env::var_os("DOCFLEET_DATA_SETS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let folder = sets.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "skipped: {} not found (DOCFLEET_DATA_SETS names the folder of data sets)",
        folder.display()
    );
    None
}
