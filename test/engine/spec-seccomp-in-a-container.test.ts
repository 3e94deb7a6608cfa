import assert from "node:assert/strict";
import { join } from "node:path";
import { engineTest } from "./harness/needs.ts";
import { hostPrograms, specRunner } from "./harness/run-spec.ts";

/** Of x86-64: number and arguments, chosen so that nothing happens where it is allowed. */
const calls: Readonly<Record<string, string>> = {
  unshare: "272, 0x10000000",
  mount: "165, 0, 0, 0, 0, 0",
  umount2: "166, 0, 0",
  setns: "308, -1, 0",
  clone: "56, 0x40000011, 0, 0, 0, 0",
  clone3: "435, 0, 0",
  keyctl: "250, 0, -3, 0",
  add_key: "248, 0, 0, 0, 0, 0",
  request_key: "249, 0, 0, 0, 0",
  io_uring_setup: "425, 1, 0",
  userfaultfd: "323, 1",
  mbind: "237, 0, 0, 0, 0, 0, 0",
  set_mempolicy: "238, 0, 0, 0",
  move_pages: "279, 0, 0, 0, 0, 0, 0",
  pivot_root: "155, 0, 0",
  bpf: "321, 99, 0, 0",
  perf_event_open: "298, 0, 0, -1, -1, 0",
  vsock: "41, 40, 1, 0",
  unix_socket: "41, 1, 1, 0",
  personality: "135, 0xffffffff",
  no_random: "135, 0x40000",
  process_vm_readv: "310, $$, 0, 0, 0, 0, 0",
  ptrace: "101, 16, 0, 0, 0",
};
const [notPermitted, noSuchCall] = [1, 38];

const script = Object.entries(calls)
  .map(([name, args]) => `$! = 0; syscall(${args}); print "${name} ", $!+0, "\\n";`)
  .join(" ");

engineTest("system calls that docker's profile refuses, tried in a container", async (context) => {
  if (process.arch !== "x64") return context.skip("the numbers are those of x86-64");
  const { run, folder } = await specRunner(context);
  const mounts = await hostPrograms(join(folder, "programs"));

  async function tried(HostConfig: Record<string, unknown>): Promise<Record<string, number>> {
    const { stdout, stderr, code } = await run(
      { Cmd: ["/usr/bin/perl", "-e", script], HostConfig },
      { mounts },
    );
    assert.equal(code, 0, stderr);
    return Object.fromEntries(
      stdout
        .trim()
        .split("\n")
        .map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]),
    );
  }

  const plain = await tried({});
  const refused =
    "unshare mount umount2 setns clone keyctl add_key request_key io_uring_setup userfaultfd mbind set_mempolicy " +
    "move_pages pivot_root bpf perf_event_open vsock no_random";
  for (const name of refused.split(" ")) assert.equal(plain[name], notPermitted, name);
  assert.equal(plain["clone3"], noSuchCall);
  for (const name of ["unix_socket", "personality", "process_vm_readv"]) assert.equal(plain[name], 0, name);
  assert.notEqual(plain["ptrace"], notPermitted);

  const nice = await tried({ CapAdd: ["SYS_NICE"] });
  assert.equal(nice["set_mempolicy"], 0);
  assert.equal(nice["unshare"], notPermitted);

  const open = await tried({ SecurityOpt: ["seccomp=unconfined"] });
  assert.equal(open["unshare"], 0);
  for (const name of ["keyctl", "io_uring_setup", "move_pages", "no_random"])
    assert.notEqual(open[name], notPermitted, name);

  const { stdout, stderr } = await run({
    Cmd: ["sh", "-c", "unshare -n true && echo unshared; mount -t tmpfs x /tmp && echo mounted"],
    HostConfig: { CapAdd: ["SYS_ADMIN"] },
  });
  assert.equal(stdout, "unshared\nmounted\n", stderr);
});
