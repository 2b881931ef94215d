//! Tells the linker where to find libtorch at run time, and passes that on to the packages whose binaries link it.
//!
//! A run path is needed by every executable; a library cannot give it to its dependents. Without it they end with 127.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
        println!("cargo::metadata=LIBTORCH_LIB={folder}");
    }
}
