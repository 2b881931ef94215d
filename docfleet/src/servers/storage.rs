//! The folder of a fleet's documents. The gateway writes to it, and does not run as root when the fleet does.

use super::Account;
use super::place::{elsewhere, make};
use crate::data_dir::DataDir;
use anyhow::{Result, bail};
use settings::{STORAGE_URL, Settings};
use std::path::{Path, PathBuf};

/// The value of `STORAGE_URL`: the operator's, or a folder of the fleet.
pub fn storage_url(data: &DataDir, settings: &Settings, account: Option<Account>) -> Result<String> {
    match (settings.get(STORAGE_URL), account) {
        (Some(url), Some(account)) => {
            check_writable(url.strip_prefix("file://").unwrap_or(url).as_ref(), account)?;
            Ok(url.to_owned())
        }
        (Some(url), None) => Ok(url.to_owned()),
        (None, account) => Ok(format!("file://{}", own_folder(data, account)?.display())),
    }
}

/// An operator's folder is only checked: changing its owner is up to the operator.
fn check_writable(folder: &Path, account: Account) -> Result<()> {
    let there = folder.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    if !account.may("-w", there) {
        let Account { uid, gid } = account;
        bail!(
            "setting STORAGE_URL: the gateway runs as user {uid}, who cannot write to {0}; chown {uid}:{gid} {0}, or start docfleet \
             as the user it belongs to",
            there.display()
        );
    }
    Ok(())
}

fn own_folder(data: &DataDir, account: Option<Account>) -> Result<PathBuf> {
    let known = data.join("storage");
    let Some(account) = account else {
        return data.private_folder("storage");
    };
    let moved = known.is_symlink().then(|| known.canonicalize().ok()).flatten();
    let folder = match moved {
        Some(folder) => folder,
        None if account.may("-x", data.path()) => known,
        None => elsewhere(data, &known, account)?,
    };
    make(&folder, 0o700)?;
    // Only these folders change owner. Deeper ones are made by the gateway, or by workers as root, and the gateway only reads
    // in the latter.
    for path in [folder.join("documents"), folder.clone()] {
        if path.exists() {
            Account::give(Some(account), &path)?;
        }
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::geteuid;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    const NOBODY: Account = Account { uid: 65534, gid: 65534 };

    /// A data folder below a folder of this mode. Its document dates from a time when root owned everything.
    fn data(mode: u32) -> (tempfile::TempDir, DataDir) {
        let tmp = tempfile::tempdir().unwrap();
        fs::set_permissions(tmp.path(), Permissions::from_mode(mode)).unwrap();
        let data = DataDir::open(&tmp.path().join("data")).unwrap();
        let storage = data.private_folder("storage").unwrap();
        fs::create_dir_all(storage.join("documents/1")).unwrap();
        fs::write(storage.join("documents/1/original"), "bytes").unwrap();
        (tmp, data)
    }

    fn owned_and_whole(folder: &Path) {
        for path in [folder.to_owned(), folder.join("documents")] {
            assert_eq!(fs::metadata(&path).unwrap().uid(), NOBODY.uid, "{}", path.display());
        }
        assert!(NOBODY.may("-w", &folder.join("documents")) && NOBODY.may("-r", &folder.join("documents/1/original")));
        assert_eq!(fs::read(folder.join("documents/1/original")).unwrap(), b"bytes");
    }

    #[test]
    fn the_gateways_user_gets_the_documents_of_before() {
        if !geteuid().is_root() {
            return; // An ordinary user's gateway runs as that user, who owns the folder.
        }
        let (_tmp, open) = data(0o711);
        let folder = own_folder(&open, Some(NOBODY)).unwrap();
        assert_eq!(folder, open.join("storage"));
        owned_and_whole(&folder);

        let (_tmp, closed) = data(0o700);
        let folder = own_folder(&closed, Some(NOBODY)).unwrap();
        assert!(!folder.starts_with(closed.path()));
        owned_and_whole(&folder);
        assert_eq!(
            own_folder(&closed, Some(NOBODY)).unwrap(),
            folder,
            "the same one each time"
        );
        fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    }

    #[test]
    fn an_operators_folder_is_not_taken() {
        if !geteuid().is_root() {
            return; // An ordinary user's gateway runs as that user.
        }
        let (tmp, data) = data(0o755);
        let given = |folder: &str| {
            let url = format!("file://{}", tmp.path().join(folder).display());
            Settings::from_pairs([("STORAGE_URL".to_owned(), url)], []).unwrap()
        };
        let refused = storage_url(&data, &given("documents"), Some(NOBODY))
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("chown 65534:65534") && refused.contains("STORAGE_URL"),
            "{refused}"
        );
        assert_eq!(fs::metadata(tmp.path()).unwrap().uid(), 0);
        fs::create_dir(tmp.path().join("theirs")).unwrap();
        Account::give(Some(NOBODY), &tmp.path().join("theirs")).unwrap();
        storage_url(&data, &given("theirs"), Some(NOBODY)).unwrap();
    }
}
