//! Checks that the file systems to which the fleet writes have free space. A full disk stops the database, so a reserve is
//! kept free on each file system.

use queue_schema::Shortage;
use rustix::fs::statvfs;
use settings::{DATABASE_FOLDER, STORAGE_RESERVE_BYTES, STORAGE_URL, Settings, WORKER_SCRATCH_DIR};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The default reserve, in bytes.
const RESERVE: u64 = 1 << 30;
/// On small file systems the default reserve is 1/`PART` of their size.
const PART: u64 = 20;

/// The folders whose free space this process checks.
#[derive(Debug)]
pub struct Space {
    folders: Vec<Folder>,
    /// In bytes; `None`: the default.
    reserve: Option<u64>,
    /// Whether a shortage was logged whose end has not been logged yet.
    told: AtomicBool,
}

#[derive(Debug)]
struct Folder {
    what: &'static str,
    setting: &'static str,
    path: PathBuf,
}

/// Free space and reserve of a file system, in bytes.
#[derive(Debug, Clone, Copy)]
struct Room {
    free: u64,
    reserve: u64,
}

impl Space {
    pub fn of(settings: &Settings) -> Space {
        let documents = settings.get(STORAGE_URL).and_then(|url| url.strip_prefix("file://"));
        let scratch = settings.get(WORKER_SCRATCH_DIR).map(PathBuf::from);
        let database = settings.get(DATABASE_FOLDER);
        let folder = |what, setting, path| Folder { what, setting, path };
        let folders = [
            documents.map(|path| folder("the documents", STORAGE_URL.name, path.into())),
            Some(folder(
                "scratch files",
                WORKER_SCRATCH_DIR.name,
                scratch.unwrap_or_else(std::env::temp_dir),
            )),
            database.map(|path| folder("the database", DATABASE_FOLDER.name, path.into())),
        ];
        Space {
            folders: folders.into_iter().flatten().collect(),
            reserve: Some(settings.get(STORAGE_RESERVE_BYTES)).filter(|reserve| *reserve > 0),
            told: AtomicBool::new(false),
        }
    }

    /// The first folder with too little free space now. Logs when a shortage begins and when it ends.
    pub fn shortage(&self) -> Option<Shortage> {
        let found = self.rooms().find_map(|(_, _, room)| room.err());
        let told = self.told.swap(found.is_some(), Ordering::Relaxed);
        match &found {
            Some(shortage) if !told => tracing::warn!("{shortage}; {}", Shortage::REMEDY),
            None if told => tracing::info!("there is space again"),
            _ => {}
        }
        found
    }

    /// Each folder, with what is stored there and how many bytes are free. A folder whose free space cannot be read is left
    /// out.
    pub fn rooms(&self) -> impl Iterator<Item = (&'static str, &Path, Result<u64, Shortage>)> {
        self.folders.iter().filter_map(|folder| {
            let room = self.room_at(&folder.path)?;
            let shortage = Shortage {
                what: folder.what.to_owned(),
                folder: folder.path.display().to_string(),
                setting: folder.setting.to_owned(),
                free: room.free,
                reserve: room.reserve,
            };
            let enough = room.free >= room.reserve;
            let told = if enough { Ok(room.free) } else { Err(shortage) };
            Some((folder.what, folder.path.as_path(), told))
        })
    }

    /// The free space at `path`. If the folder does not exist yet, that of its nearest existing ancestor.
    fn room_at(&self, path: &Path) -> Option<Room> {
        let there = path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
        let fs = statvfs(there).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(fs.f_frsize);
        Some(Room {
            free: bytes(fs.f_bavail),
            reserve: self.reserve.unwrap_or_else(|| RESERVE.min(bytes(fs.f_blocks) / PART)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(storage: &Path, reserve: &str) -> Space {
        let pairs = [
            ("STORAGE_URL", format!("file://{}", storage.display())),
            ("STORAGE_RESERVE_BYTES", reserve.to_owned()),
        ];
        Space::of(&Settings::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value)), []).unwrap())
    }

    #[test]
    fn a_reserve_that_no_disk_has_is_a_shortage_that_names_the_folder() {
        let tmp = tempfile::tempdir().unwrap();
        let folder = tmp.path().join("not/there/yet");
        let shortage = space(&folder, &u64::MAX.to_string()).shortage().unwrap();
        assert_eq!(shortage.folder, folder.display().to_string());
        let said = shortage.to_string();
        assert!(
            said.contains("STORAGE_URL") && said.contains("STORAGE_RESERVE_BYTES"),
            "{said}"
        );
        assert_eq!(space(&folder, "1").shortage(), None);
    }

    #[test]
    fn the_usual_reserve_is_never_more_than_a_part_of_the_disk() {
        let tmp = tempfile::tempdir().unwrap();
        let fs = statvfs(tmp.path()).unwrap();
        let room = space(tmp.path(), "0").room_at(tmp.path()).unwrap();
        assert_eq!(room.reserve, RESERVE.min(fs.f_blocks * fs.f_frsize / PART));
    }
}
