//! System calls that no child needs, such as those for the network, other processes and the kernel's administration. They fail
//! with EPERM instead of killing the process, so that a library that only tries them can fall back.

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};
use std::collections::BTreeMap;

/// Refused with any arguments.
const REFUSED: &[libc::c_long] = &[
    // sockets, and socket pairs: one half of a pair of datagram sockets can send to any other socket by its name
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    // files that are in no folder, which Landlock lets any process execute; and execution without a path
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_execveat,
    // with READ_IMPLIES_EXEC all readable memory could be executed
    libc::SYS_personality,
    // system calls through io_uring, which no filter sees
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // other processes
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_setpriority,
    libc::SYS_ioprio_set,
    // memory and messages shared with other processes of our user
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
    // other namespaces and mounts
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    // files by handle, which bypass folders; and calls that Landlock does not restrict, or only in newer versions
    libc::SYS_open_by_handle_at,
    libc::SYS_truncate,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    // large attack surfaces of the kernel
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_fanotify_init,
    // administration of the kernel
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
];

/// Calls that only this architecture has.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[libc::c_long] = &[
    libc::SYS_kexec_file_load,
    libc::SYS_uselib,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_modify_ldt,
    libc::SYS_ioperm,
    libc::SYS_iopl,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[libc::c_long] = &[];

/// Allowed for the calling process (argument 0 is zero), but not for another process.
const OURSELVES_ONLY: &[libc::c_long] = &[
    libc::SYS_prlimit64,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
];

/// Ways to execute data that was written: as a new program, or as code in this one. For the latter the third argument holds the
/// protection flags of the memory.
const PROGRAMS: libc::c_long = libc::SYS_execve;
const CODE: &[libc::c_long] = &[libc::SYS_mmap, libc::SYS_mprotect, libc::SYS_pkey_mprotect];

/// Flags that create namespaces, in which the process may be root.
const NAMESPACES: &[libc::c_int] = &[
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// The x32 ABI of x86_64 has the same calls under numbers with this bit, and some under other numbers.
#[cfg(target_arch = "x86_64")]
const X32: libc::c_long = 0x4000_0000;
#[cfg(target_arch = "x86_64")]
const X32_OTHERS: &[libc::c_long] = &[
    518, 519, 537, 538, // sendmsg, recvmsg, recvmmsg, sendmmsg
    520, 545, // execve, execveat: no program of this kind is started
    521, 528, 539, 540, // ptrace, kexec_load, process_vm_readv, process_vm_writev
];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refuses these calls in this thread and in everything that it starts. A program maps its libraries as code, so a child that
/// may start programs may also map files as code. A filter cannot see which files.
pub fn refuse(starts_programs: bool, makes_code: bool) -> Result<(), String> {
    let filters = || -> Result<[BpfProgram; 2], seccompiler::BackendError> {
        let mut refused = rules()?;
        if !starts_programs {
            refused.insert(PROGRAMS, Vec::new());
        }
        if !starts_programs && !makes_code {
            for call in CODE {
                refused.insert(*call, vec![having(2, libc::PROT_EXEC as u64)?]);
            }
        }
        // A filter cannot see the flags of these calls, which are in memory. On ENOSYS, libraries use the older calls instead.
        let unknown = Rules::from([libc::SYS_clone3, libc::SYS_openat2].map(|call| (call, Vec::new())));
        Ok([
            filter(with_second_way(refused), libc::EPERM)?,
            filter(unknown, libc::ENOSYS)?,
        ])
    };
    for filter in filters().map_err(|e| e.to_string())? {
        apply_filter(&filter).map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn filter(rules: Rules, error: i32) -> Result<BpfProgram, seccompiler::BackendError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let refusal = SeccompAction::Errno(error as u32);
    SeccompFilter::new(rules, SeccompAction::Allow, refusal, arch)?.try_into()
}

fn rules() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = REFUSED
        .iter()
        .chain(REFUSED_HERE)
        .map(|call| (*call, Vec::new()))
        .collect();
    for call in OURSELVES_ONLY {
        let another = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, 0)?;
        rules.insert(*call, vec![SeccompRule::new(vec![another])?]);
    }
    // Setting the times of an open file is allowed. That is the same call without a file name.
    let named = SeccompCondition::new(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_utimensat, vec![SeccompRule::new(vec![named])?]);
    // A file without a name would not be counted by the quota.
    rules.insert(libc::SYS_openat, vec![having(2, libc::O_TMPFILE as u64)?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, vec![having(1, libc::O_TMPFILE as u64)?]);
    let namespaces = NAMESPACES.iter().map(|flag| having(0, *flag as u64));
    rules.insert(libc::SYS_clone, namespaces.collect::<Result<_, _>>()?);
    Ok(rules)
}

/// Matches if an argument has all these flags.
fn having(argument: u8, flags: u64) -> Result<SeccompRule, seccompiler::BackendError> {
    let set = SeccompCmpOp::MaskedEq(flags);
    SeccompRule::new(vec![SeccompCondition::new(
        argument,
        SeccompCmpArgLen::Qword,
        set,
        flags,
    )?])
}

#[cfg(target_arch = "x86_64")]
fn with_second_way(mut rules: Rules) -> Rules {
    let same = rules.iter().map(|(call, rules)| (call | X32, rules.clone()));
    let others = X32_OTHERS.iter().map(|call| (call | X32, Vec::new()));
    let second: Rules = same.chain(others).collect();
    rules.extend(second);
    rules
}

#[cfg(not(target_arch = "x86_64"))]
fn with_second_way(rules: Rules) -> Rules {
    rules
}
