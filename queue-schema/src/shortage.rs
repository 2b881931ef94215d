//! The message that all processes use when a disk runs full.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A file system with less free space than the reserve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// What is stored there, such as "the documents".
    pub what: String,
    pub folder: String,
    /// The setting that names the folder.
    pub setting: String,
    /// Bytes.
    pub free: u64,
    /// Bytes.
    pub reserve: u64,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the file system of {} ({}, setting {}) has {} free, less than the {} that stay in reserve (setting STORAGE_RESERVE_BYTES)",
            self.what,
            self.folder,
            self.setting,
            size(self.free),
            size(self.reserve)
        )
    }
}

impl Shortage {
    /// What an operator can do about it.
    pub const REMEDY: &str = "delete documents or other files there, give it more space, or name another folder";
}

/// Formats bytes for people.
pub fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    match bytes {
        GIB.. => format!("{:.1} GiB", bytes as f64 / GIB as f64),
        _ => format!("{} MiB", bytes / MIB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        assert_eq!(size(0), "0 MiB");
        assert_eq!(size((1 << 30) - 1), "1023 MiB");
        assert_eq!(size(3 << 29), "1.5 GiB");
    }
}
