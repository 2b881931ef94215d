//! A temporary folder with a short path, removed when the process ends in any way.

use crate::process::quiet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The longest path that leaves room for a socket's name within the kernel's 107 bytes.
const LONGEST: usize = 60;

/// Statics are never dropped, and a killed process runs no destructors. So a shell waits until a pipe that this process holds
/// open is closed, and then removes the folder.
pub(crate) struct Folder {
    path: PathBuf,
    janitor: Child,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        let within = Some(std::env::temp_dir())
            .filter(|path| path.as_os_str().len() < LONGEST)
            .unwrap_or_else(|| "/tmp".into());
        let made = tempfile::Builder::new()
            .prefix("fleet")
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir_in(within);
        let path = made.expect("a temporary folder can be made").keep();
        // Retries, because the servers are being killed at the same time and may still write.
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "read -r _; for i in 1 2 3 4 5; do rm -rf \"$0\" && exit; sleep 1; done",
            ])
            .arg(&path)
            .stdin(Stdio::piped());
        let janitor = quiet(&mut command).spawn().expect("sh can be run");
        Folder { path, janitor }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A new subfolder that every user may write to.
    pub(crate) fn open_to_all(&self, name: &str) -> PathBuf {
        let path = self.path.join(name);
        std::fs::create_dir_all(&path).expect("a folder can be made in the temporary folder");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777)).expect("its owner may open it");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.janitor.stdin.take());
        let _ = self.janitor.wait();
    }
}
