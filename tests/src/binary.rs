use std::path::PathBuf;

/// A binary of this workspace, as built into the folder that holds the running test.
///
/// # Panics
/// When it is not built. Cargo builds only the binaries of the tested package itself: `make test` builds all.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/debug/deps/test-0123 or target/debug/examples/x
    let path = test.ancestors().nth(2).expect("a target folder").join(name);
    assert!(
        path.is_file(),
        "{} is not built; run cargo build --workspace --bins first",
        path.display()
    );
    path
}
