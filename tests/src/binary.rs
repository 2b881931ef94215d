use std::path::{Path, PathBuf};

/// A binary of this workspace, as built into the folder of the running binary, or of the running test.
///
/// # Panics
/// When it is not built. Cargo builds only the binaries of the tested package itself: `make test` builds all.
pub fn binary(name: &str) -> PathBuf {
    let us = std::env::current_exe().expect("a process knows its own path");
    // target/debug/chaos, or target/debug/deps/test-0123, or target/debug/examples/x
    let mut folders = us.ancestors().skip(1).take(2);
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()));
    found.unwrap_or_else(|| {
        let folder = us.parent().unwrap_or(Path::new("/"));
        panic!(
            "{name} is not built into {} or above; run cargo build --workspace --bins first",
            folder.display()
        )
    })
}
