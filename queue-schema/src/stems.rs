//! Unique names for the results of files that may have equal names.

use std::collections::HashSet;
use std::path::Path;

/// A unique stem for each file, in order. A stem that is already taken gets a number: `scan`, `scan-2`. Stems that differ only
/// in case count as equal, because results may be copied to a case-insensitive file system.
pub fn of(files: &[impl AsRef<Path>]) -> Vec<String> {
    let plain = |file: &Path| file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut taken = HashSet::new();
    files
        .iter()
        .map(|file| {
            let stem = plain(file.as_ref());
            let mut name = stem.clone();
            let mut number = 2;
            while !taken.insert(name.to_lowercase()) {
                name = format!("{stem}-{number}");
                number += 1;
            }
            name
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_stems_get_a_number() {
        let files = ["a/scan.pdf", "b/scan.png", "Scan-2.tif", "c/scan.pdf", "other.pdf"];
        assert_eq!(of(&files), ["scan", "scan-2", "Scan-2-2", "scan-3", "other"]);
    }

    #[test]
    fn only_the_last_ending_goes() {
        assert_eq!(of(&["x/2024.01.31.pdf", "noending"]), ["2024.01.31", "noending"]);
    }
}
