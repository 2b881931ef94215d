use std::path::{Path, PathBuf};

/// Path of a binary of this workspace, as built into the folder of the running binary or test.
///
/// # Panics
/// When it is not built. Cargo only builds the binaries of the tested package; `make test` builds all.
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
