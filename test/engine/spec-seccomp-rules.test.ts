import assert from "node:assert/strict";
import { test } from "node:test";
import { allCapabilities } from "#oci/capability-names.ts";
import { parseSeccompProfile, runtimeSeccomp } from "#engine/spec/seccomp-format.ts";
import { defaultSeccompProfile } from "#engine/spec/seccomp-profile.ts";
import { ampleFacts, madeRecord, specOf } from "./harness/made-record.ts";

const facts = { capabilities: [] as string[], architecture: "amd64", kernel: "6.1.0-13-amd64" };
const allowed = (more: Partial<typeof facts> = {}) =>
  new Set(
    runtimeSeccomp(defaultSeccompProfile, { ...facts, ...more })
      .syscalls.filter(({ action, args }) => action === "SCMP_ACT_ALLOW" && args === undefined)
      .flatMap(({ names }) => names),
  );

test("docker's default: what is refused without a capability, and what a capability opens", () => {
  const plain = allowed();
  for (const name of ["read", "openat", "execve", "futex", "ptrace", "arch_prctl", "clock_gettime"])
    assert.ok(plain.has(name), name);
  const refused =
    "mount umount2 unshare setns keyctl add_key request_key mbind move_pages set_mempolicy pivot_root reboot bpf " +
    "perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register kexec_load init_module swapon acct " +
    "settimeofday syslog open_by_handle_at chroot clone clone3 socket personality nfsservctl vm86";
  for (const name of refused.split(" ")) assert.ok(!plain.has(name), name);
  const opened: Record<string, string> = {
    CAP_SYS_ADMIN: "mount",
    CAP_SYS_NICE: "mbind",
    CAP_SYS_BOOT: "reboot",
    CAP_SYS_CHROOT: "chroot",
    CAP_SYS_MODULE: "init_module",
    CAP_SYSLOG: "syslog",
    CAP_BPF: "bpf",
    CAP_SYS_TIME: "settimeofday",
  };
  for (const [capability, name] of Object.entries(opened))
    assert.ok(allowed({ capabilities: [capability] }).has(name), name);
  const all = allowed({ capabilities: [...allCapabilities] });
  for (const name of ["keyctl", "io_uring_setup", "userfaultfd", "move_pages"])
    assert.ok(!all.has(name), name);
});

test("by kernel and architecture", () => {
  assert.ok(!allowed({ kernel: "4.4.0" }).has("ptrace"));
  assert.ok(allowed({ kernel: "4.8.1" }).has("ptrace"));
  assert.ok(!allowed({ architecture: "arm64" }).has("modify_ldt"));
  const arm = runtimeSeccomp(defaultSeccompProfile, { ...facts, architecture: "arm64" });
  assert.deepEqual(arm.architectures, ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]);
  const clone = (architecture: string) =>
    runtimeSeccomp(defaultSeccompProfile, { ...facts, architecture }).syscalls.filter(
      ({ names }) => names[0] === "clone",
    );
  assert.deepEqual(
    clone("amd64").map(({ args }) => args?.[0]?.index),
    [0],
  );
  assert.deepEqual(
    clone("s390x").map(({ args }) => args?.[0]?.index),
    [1],
  );
});

test("no system call is named twice without a reason", () => {
  const [first] = defaultSeccompProfile.syscalls;
  assert.equal(first?.names.length, new Set(first?.names).size);
});

test("a client's own profile, and none at all", () => {
  const own = {
    defaultAction: "SCMP_ACT_ALLOW",
    archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
    syscalls: [
      { names: ["mkdir"], action: "SCMP_ACT_ERRNO", errnoRet: 13, includes: {}, comment: "", args: [] },
      { name: "chmod", action: "SCMP_ACT_ERRNO", excludes: { caps: ["CAP_SYS_ADMIN"] } },
      { names: ["chown"], action: "SCMP_ACT_KILL", includes: { caps: ["CAP_SYS_ADMIN"] } },
    ],
  };
  const linux = (SecurityOpt: string[]) =>
    specOf(madeRecord({ Cmd: ["x"], HostConfig: { SecurityOpt } }, ampleFacts), ampleFacts);
  assert.deepEqual(linux([`seccomp=${JSON.stringify(own)}`]).linux.seccomp, {
    defaultAction: "SCMP_ACT_ALLOW",
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    syscalls: [
      { names: ["mkdir"], action: "SCMP_ACT_ERRNO", errnoRet: 13 },
      { names: ["chmod"], action: "SCMP_ACT_ERRNO" },
    ],
  });
  const open = linux(["seccomp=unconfined", "no-new-privileges"]);
  assert.equal(open.linux.seccomp, undefined);
  assert.equal(open.process.noNewPrivileges, true);
});

test("profiles that are none are refused", () => {
  for (const text of [
    "",
    "{bad",
    "5",
    "null",
    "[]",
    "{}",
    '{"defaultAction":"x"}',
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[5]}',
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_ALLOW"}]}',
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{}]}]}',
    '{"defaultAction":"SCMP_ACT_ALLOW","architectures":[],"archMap":[]}',
  ])
    assert.throws(
      () => parseSeccompProfile(text),
      { code: "engine-invalid", message: /^Decoding seccomp profile failed: / },
      text,
    );
});
