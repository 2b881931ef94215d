//! Which files a child may open and which processes it may signal, by Landlock, as far as the kernel supports it.
//!
//! A process in a Landlock domain also cannot read the memory or environment of processes outside it.

use super::user::Own;
use crate::usage::PROC;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope, make_bitflags,
};
use std::path::{Path, PathBuf};

/// Files and folders that a worker's tools open, beyond what the system's own libraries and programs need.
#[derive(Debug, Clone, Default)]
pub struct Access {
    pub read: Vec<PathBuf>,
    /// Files and folders that are read and written. No worker that opens documents should need any.
    pub write: Vec<PathBuf>,
    /// Programs that may be started, by the names that a shell would find, or folders of programs. If none is named or none is
    /// installed, nothing can be started.
    pub programs: Vec<PathBuf>,
    /// Whether libraries generate machine code and execute it, as those for neural networks do.
    pub makes_code: bool,
}

impl Access {
    /// Paths of those programs that are installed.
    pub(super) fn installed_programs(&self) -> Vec<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let find = |name: &PathBuf| {
            std::env::split_paths(&path)
                .map(|folder| folder.join(name))
                .find(|at| at.exists())
        };
        self.programs.iter().filter_map(find).collect()
    }
}

/// The newest version of Landlock of which every rule was considered here.
const NEWEST: ABI = ABI::V9;
/// The first version that keeps signals within the domain.
const SIGNALS: ABI = ABI::V6;

/// Files and folders that native libraries and programs read. Never all of /etc.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/fonts",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/var/cache/fontconfig",
    "/proc",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
    "/dev/zero",
    "/dev/urandom",
    "/dev/random",
];

fn reading() -> BitFlags<AccessFs> {
    make_bitflags!(AccessFs::{ReadFile | ReadDir})
}

fn executing() -> BitFlags<AccessFs> {
    make_bitflags!(AccessFs::{ReadFile | ReadDir | Execute})
}

/// Rights in writable folders. A child can make no links, pipes or devices, because the supervisor reads what is left here. It
/// cannot execute what it wrote. It cannot remove anything, so that all it wrote is counted until the supervisor removes it.
fn writing() -> BitFlags<AccessFs> {
    make_bitflags!(AccessFs::{ReadFile | ReadDir | WriteFile | Truncate | MakeReg | MakeDir})
}

/// Confines this thread and everything that it starts. Returns the version of Landlock that the kernel supports.
pub fn confine(folder: &Path, access: &Access, programs: &[PathBuf]) -> Result<ABI, String> {
    let status = ruleset(folder, access, programs).and_then(RulesetCreated::restrict_self);
    match status.map_err(|e| e.to_string())?.landlock {
        LandlockStatus::Available { effective_abi, .. } => Ok(effective_abi),
        LandlockStatus::NotEnabled => {
            Err("Landlock is switched off in this kernel; add it to the boot parameter lsm=".to_owned())
        }
        _ => Err("this kernel has no Landlock; Linux 5.13 and later do".to_owned()),
    }
}

fn ruleset(folder: &Path, access: &Access, programs: &[PathBuf]) -> Result<RulesetCreated, RulesetError> {
    let system = SYSTEM.iter().map(Path::new);
    let our_binary = std::env::current_exe().ok();
    let readable = system
        .chain(our_binary.as_deref())
        .chain(access.read.iter().map(PathBuf::as_path));
    let writable = std::iter::once(folder).chain(access.write.iter().map(PathBuf::as_path));
    let null = ["/dev/null"].map(Path::new).into_iter();
    // The kernel starts a program by executing its loader.
    let loader = if programs.is_empty() { None } else { loader() };
    let executable = programs.iter().chain(&loader).map(PathBuf::as_path);
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(rules(readable, reading()))?
        .add_rules(rules(executable, executing()))?
        .add_rules(rules(writable, writing()))?
        .add_rules(rules(null, make_bitflags!(AccessFs::{ReadFile | WriteFile | Truncate})))
}

/// The dynamic loader of this system, found as the one that loaded this process.
fn loader() -> Option<PathBuf> {
    let maps = std::fs::read_to_string(format!("{PROC}/self/maps")).ok()?;
    let mut files = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .map(Path::new);
    let is_loader = |file: &&Path| {
        file.file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"ld-"))
    };
    files.find(is_loader).map(Path::to_owned)
}

/// Rules for the paths that exist.
fn rules<'a>(
    paths: impl Iterator<Item = &'a Path>,
    access: BitFlags<AccessFs>,
) -> impl Iterator<Item = Result<PathBeneath<PathFd>, RulesetError>> {
    paths.filter_map(move |path| {
        let opened = PathFd::new(path).ok()?;
        let access = if path.is_dir() {
            access
        } else {
            access & AccessFs::from_file(NEWEST)
        };
        Some(Ok(PathBeneath::new(opened, access)))
    })
}

/// Whether the child cannot signal other processes of the worker's user.
pub fn signals(landlock: &Result<ABI, String>, user: &Own) -> Result<(), String> {
    match landlock {
        // Processes of different users cannot signal each other anyway.
        _ if matches!(user, Own::Taken(_)) => Ok(()),
        Ok(version) if *version >= SIGNALS => Ok(()),
        Ok(version) => Err(format!(
            "Landlock {version} does not keep them in; Linux 6.12 and later do"
        )),
        Err(reason) => Err(reason.clone()),
    }
}
