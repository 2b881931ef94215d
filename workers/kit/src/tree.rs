//! Weighs, takes over and removes folders that a child filled. Every step uses an open folder and a name in it, and follows no
//! link. So nothing that a child does meanwhile leads outside the folder, and the length of paths does not matter.

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, chmodat, chownat, fchmod, fchown, fstat, openat, renameat, statat,
    unlinkat,
};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, getegid, geteuid};
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use uuid::Uuid;

/// Deepest nesting of folders. No legitimate task reaches it.
pub const DEEPEST: usize = 64;

/// The contents of a folder, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    pub bytes: u64,
    /// How many files and folders there are.
    pub files: u64,
    /// How deep folders are nested.
    pub depth: usize,
}

impl Weight {
    /// Whether any of the numbers reaches that of `most`.
    pub fn reaches(&self, most: &Weight) -> bool {
        self.bytes >= most.bytes || self.files >= most.files || self.depth >= most.depth
    }
}

/// Weighs the contents of a folder. Stops once `most` is reached.
pub fn weigh(folder: &Path, most: &Weight) -> io::Result<Weight> {
    let mut sum = Weight::default();
    add_up(&enter(CWD, folder)?, 0, most, &mut sum)?;
    Ok(sum)
}

fn add_up(folder: &OwnedFd, depth: usize, most: &Weight, sum: &mut Weight) -> io::Result<()> {
    sum.depth = sum.depth.max(depth);
    for name in names_in(folder)? {
        if sum.reaches(most) {
            return Ok(());
        }
        // Files that are removed meanwhile do not count.
        let Some(stat) = there(look_at(folder, &name))? else {
            continue;
        };
        sum.files += 1;
        match kind(&stat) {
            FileType::Directory => match there(enter(folder, name.as_c_str()))? {
                Some(inner) => add_up(&inner, depth + 1, most, sum)?,
                None => continue,
            },
            // The larger of size and disk usage: a sparse file is read at its full size, and preallocated blocks take up space.
            _ => sum.bytes += u64::try_from(stat.st_size.max(stat.st_blocks * 512)).unwrap_or_default(),
        }
    }
    Ok(())
}

/// Makes us the owner of all of `user`'s files in a folder, and removes everything that is neither file nor folder: the
/// supervisor must not follow a child's link or block on its pipe.
pub fn take_over(folder: &Path, user: Option<u32>) -> io::Result<()> {
    own(&enter(CWD, folder)?, user, 0)
}

fn own(folder: &OwnedFd, user: Option<u32>, depth: usize) -> io::Result<()> {
    if depth >= DEEPEST {
        return Err(io::Error::other(format!("folders are nested more than {DEEPEST} deep")));
    }
    let us: Option<(Uid, Gid)> = user.map(|_| (geteuid(), getegid()));
    // The folder comes first, so that the child cannot add anything after the names are read.
    if let Some((user, group)) = us {
        fchown(folder, Some(user), Some(group))?;
    }
    fchmod(folder, Mode::RWXU)?;
    for name in names_in(folder)? {
        let stat = look_at(folder, &name)?;
        match kind(&stat) {
            FileType::Directory => own(&enter(folder, name.as_c_str())?, user, depth + 1)?,
            // A file that was linked here keeps its owner.
            FileType::RegularFile if Some(stat.st_uid) != user => {}
            FileType::RegularFile => {
                let (user, group) = us.unzip();
                chownat(folder, name.as_c_str(), user, group, AtFlags::SYMLINK_NOFOLLOW)?;
            }
            _ => unlinkat(folder, name.as_c_str(), AtFlags::empty())?,
        }
    }
    Ok(())
}

/// Removes a file, or a folder with everything in it. It is no error if it does not exist.
pub fn remove(path: &Path) -> io::Result<()> {
    match unlinkat(CWD, path, AtFlags::empty()) {
        Err(Errno::ISDIR) => {}
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    if let Some(folder) = there(enter(CWD, path))? {
        empty(&folder, usize::MAX)?;
    }
    there(unlinkat(CWD, path, AtFlags::REMOVEDIR).map_err(Into::into)).map(drop)
}

/// Removes everything in the folder of a living child.
pub fn empty_out(folder: &Path) -> io::Result<()> {
    empty(&enter(CWD, folder)?, DEEPEST)
}

/// Removes everything in `top`. Nested folders are moved up to `top` before they are read. So neither the stack nor the number
/// of open files grows with the depth, and going back up is never needed. Each round goes one folder deeper, or removes what
/// was added meanwhile.
fn empty(top: &OwnedFd, rounds: usize) -> io::Result<()> {
    for _ in 0..rounds {
        let names = names_in(top)?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            if removed(top, &name)? {
                continue;
            }
            let folder = enter(top, name.as_c_str())?;
            for inner in names_in(&folder)? {
                if !removed(&folder, &inner)? {
                    // Opening it adds missing permissions, without which it could not be moved.
                    enter(&folder, inner.as_c_str())?;
                    renameat(&folder, inner.as_c_str(), top, Uuid::now_v7().to_string())?;
                }
            }
            unlinkat(top, name.as_c_str(), AtFlags::REMOVEDIR)?;
        }
    }
    Err(io::Error::other("its folder is filled again as fast as it is emptied"))
}

/// Removes an entry that is not a folder. `false`: it is a folder.
fn removed(folder: &OwnedFd, name: &CStr) -> io::Result<bool> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        Err(Errno::ISDIR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Opens a folder. First adds the owner's permissions if they are missing.
fn enter(parent: impl AsFd, name: impl rustix::path::Arg) -> io::Result<OwnedFd> {
    let folder = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let place = openat(parent, name, OFlags::PATH | folder, Mode::empty())?;
    let mode = Mode::from_raw_mode(fstat(&place)?.st_mode);
    if !mode.contains(Mode::RWXU) {
        // `fchmod` does not accept a descriptor that was opened with O_PATH.
        let this = format!("/proc/self/fd/{}", place.as_raw_fd());
        chmodat(CWD, this, mode | Mode::RWXU, AtFlags::empty())?;
    }
    Ok(openat(&place, c".", OFlags::RDONLY | folder, Mode::empty())?)
}

fn names_in(folder: &OwnedFd) -> io::Result<Vec<CString>> {
    let names = Dir::read_from(folder)?.map(|entry| -> io::Result<_> { Ok(entry?.file_name().to_owned()) });
    let is_inside = |name: &CString| name.as_c_str() != c"." && name.as_c_str() != c"..";
    names.filter(|name| name.as_ref().map_or(true, is_inside)).collect()
}

fn look_at(folder: &OwnedFd, name: &CStr) -> io::Result<Stat> {
    Ok(statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?)
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// `None`: it is not there.
fn there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::mkdirat;
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// Makes nested folders.
    fn dig(folder: &Path, depth: usize) {
        let mut here = enter(CWD, folder).unwrap();
        for _ in 0..depth {
            mkdirat(&here, c"d", Mode::RWXU).unwrap();
            here = enter(&here, c"d").unwrap();
        }
    }

    #[test]
    fn a_folder_is_removed_however_deep_it_is() {
        // In memory: a disk may take milliseconds for each of them.
        let base = tempfile::tempdir_in("/dev/shm").unwrap();
        let folder = base.path().join("deep");
        fs::create_dir(&folder).unwrap();
        dig(&folder, 30_000);
        fs::write(folder.join("d/d/file"), "").unwrap();
        // Also by a thread with a small stack, as those of a worker are.
        let gone = folder.clone();
        let small = std::thread::Builder::new().stack_size(64 << 10);
        small.spawn(move || remove(&gone).unwrap()).unwrap().join().unwrap();
        assert!(!folder.exists());
    }

    #[test]
    fn what_links_lead_to_stays() {
        let base = tempfile::tempdir().unwrap();
        let outside = base.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("file"), "").unwrap();
        let folder = base.path().join("folder");
        fs::create_dir_all(folder.join("a/b")).unwrap();
        for link in ["link", "a/link", "a/b/link"] {
            symlink(&outside, folder.join(link)).unwrap();
        }
        remove(&folder).unwrap();
        assert!(!folder.exists() && outside.join("file").exists());
        symlink(&outside, &folder).unwrap();
        assert!(empty_out(&folder).is_err());
        remove(&folder).unwrap();
        assert!(outside.join("file").exists());
        remove(&folder).unwrap();
    }

    #[test]
    fn what_was_shut_is_removed_all_the_same() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("folder");
        fs::create_dir_all(folder.join("a/b/c")).unwrap();
        for shut in ["a/b/c", "a/b", "a"] {
            fs::set_permissions(folder.join(shut), Permissions::from_mode(0o000)).unwrap();
        }
        remove(&folder).unwrap();
        assert!(!folder.exists());
    }

    #[test]
    fn a_folder_weighs_what_is_in_it_and_no_more_is_looked_at_than_needed() {
        const MUCH: Weight = Weight {
            bytes: u64::MAX,
            files: u64::MAX,
            depth: DEEPEST,
        };
        let base = tempfile::tempdir().unwrap();
        fs::create_dir_all(base.path().join("a/b")).unwrap();
        File::create(base.path().join("a/b/hole"))
            .unwrap()
            .set_len(1 << 30)
            .unwrap();
        symlink("/", base.path().join("link")).unwrap();
        let weight = weigh(base.path(), &MUCH).unwrap();
        assert_eq!((weight.files, weight.depth, weight.bytes >> 30), (4, 2, 1));

        dig(&base.path().join("a/b"), 500);
        assert_eq!(weigh(base.path(), &MUCH).unwrap().depth, DEEPEST);
        let few = Weight { files: 2, ..MUCH };
        assert_eq!(weigh(base.path(), &few).unwrap().files, 2);
    }

    #[test]
    fn what_is_too_deep_is_not_taken_over() {
        let base = tempfile::tempdir().unwrap();
        dig(base.path(), DEEPEST - 1);
        take_over(base.path(), None).unwrap();
        let deeper = base.path().join("deeper");
        fs::create_dir(&deeper).unwrap();
        dig(&deeper, DEEPEST);
        assert!(take_over(base.path(), None).is_err());
    }
}
