import type { SeccompProfile, SeccompRule } from "./seccomp-format.ts";

/**
 * What containers may ask of the kernel where nothing else is said: the rules of docker's default profile. What isn't
 * named fails with EPERM. Left out on purpose: io_uring (its requests pass by every filter), keyrings, kexec, new mounts
 * and namespaces without the capability for them, and sockets that reach past the container (AF_VSOCK).
 */

const files =
  "access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 " +
  "fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync " +
  "flock fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents getdents64 " +
  "ioctl lchown lchown32 link linkat _llseek lseek lstat lstat64 mkdir mkdirat mknod mknodat newfstatat open openat " +
  "openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename " +
  "renameat renameat2 rmdir sendfile sendfile64 splice stat stat64 statfs statfs64 statx symlink symlinkat sync " +
  "sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice " +
  "write writev cachestat file_getattr file_setattr";

const attributes =
  "fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat llistxattr " +
  "lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat";

const waiting =
  "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd " +
  "eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy " +
  "io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit _newselect poll ppoll ppoll_time64 pselect6 " +
  "pselect6_time64 select signalfd signalfd4";

const memory =
  "brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect " +
  "mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages";

const processes =
  "capget capset execve execveat exit exit_group fork getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 " +
  "getgroups getgroups32 getpgid getpgrp getpid getppid getpriority getresgid getresgid32 getresuid getresuid32 " +
  "getrlimit get_robust_list getrusage getsid get_thread_area gettid getuid getuid32 ioprio_get ioprio_set kill " +
  "pidfd_open pidfd_send_signal prctl prlimit64 process_mrelease restart_syscall rseq sched_getaffinity sched_getattr " +
  "sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval " +
  "sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield setfsgid " +
  "setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32 " +
  "setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit set_robust_list setsid set_thread_area " +
  "set_tid_address setuid setuid32 tgkill tkill ugetrlimit vfork wait4 waitid waitpid";

const locks =
  "futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake landlock_add_rule landlock_create_ruleset " +
  "landlock_restrict_self seccomp";

const signals =
  "pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait " +
  "rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn";

const messages =
  "accept accept4 bind connect getpeername getsockname getsockopt ipc listen mq_getsetattr mq_notify mq_open " +
  "mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd recv " +
  "recvfrom recvmmsg recvmmsg_time64 recvmsg semctl semget semop semtimedop semtimedop_time64 send sendmmsg sendmsg " +
  "sendto setsockopt shmat shmctl shmdt shmget shutdown socketcall socketpair";

const times =
  "adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 " +
  "clock_nanosleep clock_nanosleep_time64 getitimer getrandom gettimeofday nanosleep setitimer sysinfo time " +
  "timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create " +
  "timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times uname";

/** What each capability opens, beside what it does by itself. */
const byCapability: Readonly<Record<string, string>> = {
  CAP_DAC_READ_SEARCH: "open_by_handle_at",
  CAP_SYS_ADMIN:
    "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick listmount lookup_dcookie lsm_get_self_attr " +
    "lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount name_to_handle_at open_tree open_tree_attr " +
    "perf_event_open quotactl quotactl_fd setdomainname sethostname setns statmount syslog umount umount2 unshare",
  CAP_SYS_BOOT: "reboot",
  CAP_SYS_CHROOT: "chroot",
  CAP_SYS_MODULE: "delete_module finit_module init_module",
  CAP_SYS_PACCT: "acct",
  CAP_SYS_PTRACE: "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace",
  CAP_SYS_RAWIO: "ioperm iopl",
  CAP_SYS_TIME: "clock_settime clock_settime64 settimeofday stime",
  CAP_SYS_TTY_CONFIG: "vhangup",
  CAP_SYS_NICE: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
  CAP_SYSLOG: "syslog",
  CAP_BPF: "bpf",
  CAP_PERFMON: "perf_event_open",
};

const byArchitecture: readonly [names: string, architectures: string][] = [
  ["arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2", "arm arm64"],
  ["arch_prctl modify_ldt uretprobe", "amd64 386"],
  ["riscv_flush_icache riscv_hwprobe", "riscv64"],
  ["s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr", "s390x"],
  ["rtas swapcontext sync_file_range2", "ppc64le"],
];

/** Personalities that change nothing of how safe a process is: Linux, its 32-bit kinds, and asking. */
const personalities = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];
/** CLONE_NEW… of mounts, cgroups, host names, IPC, users, pids and networks. */
const newNamespaces = 0x7e02_0000;
const vsock = 40;
const noSuchCall = 38;
const allow = "SCMP_ACT_ALLOW";

function words(...groups: string[]): string[] {
  return groups.flatMap((group) => group.split(" "));
}

function cloneWithoutNamespaces(index: number): SeccompRule {
  return {
    names: ["clone"],
    action: allow,
    args: [{ index, value: newNamespaces, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
  };
}

export const defaultSeccompProfile: SeccompProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 1,
  archMap: [
    { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
    { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
    { architecture: "SCMP_ARCH_S390X", subArchitectures: ["SCMP_ARCH_S390"] },
    { architecture: "SCMP_ARCH_RISCV64", subArchitectures: [] },
  ],
  syscalls: [
    {
      names: words(files, attributes, waiting, memory, processes, locks, signals, messages, times),
      action: allow,
    },
    // Older kernels let a traced process change a call after the filter had seen it.
    {
      names: words("process_vm_readv process_vm_writev ptrace"),
      action: allow,
      includes: { minKernel: "4.8" },
    },
    { names: ["socket"], action: allow, args: [{ index: 0, value: vsock, op: "SCMP_CMP_NE" }] },
    ...personalities.map((value): SeccompRule => ({
      names: ["personality"],
      action: allow,
      args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
    })),
    ...byArchitecture.map(([names, arches]): SeccompRule => ({
      names: words(names),
      action: allow,
      includes: { arches: words(arches) },
    })),
    ...Object.entries(byCapability).map(([name, names]): SeccompRule => ({
      names: words(names),
      action: allow,
      includes: { caps: [name] },
    })),
    // Its flags are the second argument there.
    { ...cloneWithoutNamespaces(0), excludes: { caps: ["CAP_SYS_ADMIN"], arches: ["s390x"] } },
    { ...cloneWithoutNamespaces(1), includes: { arches: ["s390x"] }, excludes: { caps: ["CAP_SYS_ADMIN"] } },
    // A filter can't look into its arguments; with this answer programs take clone instead.
    {
      names: ["clone3"],
      action: "SCMP_ACT_ERRNO",
      errnoRet: noSuchCall,
      excludes: { caps: ["CAP_SYS_ADMIN"] },
    },
  ],
};
