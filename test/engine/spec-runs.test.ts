import assert from "node:assert/strict";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { engineTest } from "./harness/needs.ts";
import { hostDevices } from "#app/engine/host-devices.ts";
import { specRunner } from "./harness/run-spec.ts";

const sh = (script: string) => ["sh", "-c", script];

engineTest(
  "a plain container: its user, capabilities, files, and what is hidden from it",
  async (context) => {
    const { run } = await specRunner(context);
    const { stdout, stderr, code } = await run({
      Hostname: "named",
      Env: ["A=1"],
      Cmd: sh(
        "hostname; echo $A $HOME; grep CapEff /proc/self/status; cat /etc/hosts; cat /proc/keys /proc/timer_list 2>/dev/null | wc -c; " +
          "echo x 2>/dev/null > /proc/sys/kernel/hostname || echo no; mknod /tmp/d b 8 0 && cat /tmp/d 2>&1 | head -c 60; " +
          "cat /proc/sys/net/ipv4/ip_unprivileged_port_start; ls /dev | tr '\\n' ' '; exit 7",
      ),
    });
    const lines = stdout.split("\n");
    assert.equal(code, 7, stderr);
    assert.deepEqual(lines.slice(0, 6), [
      "named",
      "1 /root",
      "CapEff:\t00000000a80425fb",
      "127.0.0.1 localhost",
      "0",
      "no",
    ]);
    assert.match(stdout, /can't open '\/tmp\/d': Operation not permitted/);
    assert.match(stdout, /^0$/m);
    assert.match(stdout, /\bnull\b.*\bshm\b.*\bzero\b/);
  },
);

engineTest("other users, groups, a read-only root, tmpfs, --init", async (context) => {
  const { run, facts } = await specRunner(context);
  const user = await run({
    User: "joe",
    Cmd: sh("id -u; id -G; grep -E 'Cap(Eff|Bnd)|NoNewPrivs' /proc/self/status"),
    HostConfig: { SecurityOpt: ["no-new-privileges"], GroupAdd: ["99"] },
  });
  assert.match(
    user.stdout,
    /^1000\n1000 70 99\nCapEff:\t0000000000000000\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\n$/,
  );
  const readonly = await run({
    Cmd: sh(
      "touch /x || echo root; touch /t/x && echo tmpfs; df -k /t | tail -1 | tr -s ' ' | cut -d' ' -f2; touch /u/x || echo ro",
    ),
    HostConfig: { ReadonlyRootfs: true, Tmpfs: { "/tmp": "", "/run": "" } },
  });
  assert.match(readonly.stdout, /^root\n/);
  const tmpfs = await run({
    Cmd: sh(
      "touch /t/x && df -k /t | tail -1 | tr -s ' ' | cut -d' ' -f2; touch /u/x || echo ro; stat -c %a /t",
    ),
    HostConfig: { Tmpfs: { "/t": "size=1m,mode=700", "/u": "ro" } },
  });
  assert.deepEqual(tmpfs.stdout, "1024\nro\n700\n");
  if (facts.init !== undefined) {
    const init = await run({ Cmd: sh("cat /proc/1/comm; exit 3"), HostConfig: { Init: true } });
    assert.deepEqual([init.stdout, init.code], ["docker-init\n", 3], init.stderr);
  }
});

engineTest("limits, ulimits, sysctls, shm", async (context) => {
  const { run, facts } = await specRunner(context);
  const { stdout, stderr } = await run({
    Cmd: sh(
      "ulimit -n; ulimit -Hn; cat /proc/sys/net/core/somaxconn /proc/sys/kernel/msgmax; df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2; cat /proc/self/oom_score_adj",
    ),
    HostConfig: {
      Ulimits: [{ Name: "nofile", Soft: 100, Hard: 200 }],
      Sysctls: { "net.core.somaxconn": "77", "kernel.msgmax": "1000" },
      ShmSize: 2 * 1024 * 1024,
      OomScoreAdj: 100,
      Memory: 32 * 1024 * 1024,
      NanoCpus: 500_000_000,
      PidsLimit: 20,
      CpusetCpus: "0",
    },
  });
  assert.equal(stdout, "100\n200\n77\n1000\n2048\n100\n", stderr);
  const unlimited = await run({
    Cmd: sh("ulimit -Hc; for i in $(seq 30); do sleep 1 & done 2>&1; wait"),
    HostConfig: { Ulimits: [{ Name: "core", Soft: -1, Hard: -1 }], PidsLimit: 10 },
  });
  assert.match(unlimited.stdout + unlimited.stderr, /^unlimited\n/);
  if (facts.controllers.has("pids"))
    assert.match(unlimited.stdout + unlimited.stderr, /can't fork/, "a fork bomb stays in its limit");
  const memory = await run({
    Cmd: sh("head -c 100m /dev/zero | tail -c 100m > /dev/null"),
    HostConfig: { Memory: 16 * 1024 * 1024, MemorySwap: 16 * 1024 * 1024 },
  });
  assert.notEqual(memory.code, 0, "more memory than its limit");
});

engineTest("binds: read-only ones stay so, nested ones lie on each other", async (context) => {
  const { run, folder } = await specRunner(context);
  const [outer, inner] = [join(folder, "outer"), join(folder, "inner")];
  await mkdir(join(outer, "deep"), { recursive: true });
  await mkdir(inner);
  await writeFile(join(inner, "f"), "inner\n");
  const bind = { type: "bind", mode: "", propagation: "rprivate" } as const;
  const { stdout, stderr } = await run(
    { Cmd: sh("cat /a/deep/f; touch /a/x && echo wrote; touch /a/deep/x || echo kept") },
    {
      mounts: [
        { ...bind, source: inner, destination: "/a/deep", rw: false },
        { ...bind, source: outer, destination: "/a", rw: true },
      ],
    },
  );
  assert.equal(stdout, "inner\nwrote\nkept\n", stderr);
  assert.ok((await stat(join(outer, "x"))).isFile());
});

engineTest("privileged and given devices", async (context) => {
  const { run, facts } = await specRunner(context);
  // Nobody gets it unasked.
  const fuse = {
    path: "/dev/fuse",
    type: "c",
    major: 10,
    minor: 229,
    fileMode: 0o644,
    uid: 0,
    gid: 0,
  } as const;
  const input = { deviceAt: () => [fuse], hostDevices: [fuse] };
  const given = await run(
    {
      Cmd: sh("ls -l /dev/given0 | cut -c1-10; dd if=/dev/given0 of=/dev/null count=0 2>&1"),
      HostConfig: {
        Devices: [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/given0", CgroupPermissions: "rw" }],
      },
    },
    { input },
  );
  assert.match(given.stdout, /^crw-r--r--\n/, given.stderr);
  assert.doesNotMatch(given.stdout, /not permitted/, "the device may be opened");
  const privileged = await run(
    {
      Cmd: sh(
        "grep CapEff /proc/self/status; ls /dev/fuse; mount -t tmpfs x /tmp && echo mounted; echo h > /proc/sys/kernel/hostname && hostname",
      ),
      HostConfig: { Privileged: true },
    },
    { input },
  );
  const mask = facts.capabilities.length;
  assert.match(privileged.stdout, /\/dev\/fuse\nmounted\nh\n$/, privileged.stderr);
  assert.ok(mask > 14);
});

engineTest("a user namespace: root in it is nobody outside", async (context) => {
  const { run } = await specRunner(context);
  const remap = {
    uids: [
      { containerID: 0, hostID: 0, size: 1 },
      { containerID: 1, hostID: 100_001, size: 65_535 },
    ],
    gids: [
      { containerID: 0, hostID: 0, size: 1 },
      { containerID: 1, hostID: 100_001, size: 65_535 },
    ],
  };
  const { stdout, stderr } = await run(
    { Cmd: sh("cat /proc/self/uid_map | tr -s ' '; id -u") },
    { input: { remap } },
  );
  assert.match(stdout, /100001 65535\n0\n$/, stderr);
});

for (const prefer of ["crun", "runc"] as const)
  engineTest(`${prefer} takes a spec with everything in it`, async (context) => {
    const { run, facts, folder } = await specRunner(context, { prefer });
    if (facts.name !== prefer) return context.skip(`${prefer} isn't installed`);
    const { stdout, stderr, code } = await run(
      {
        Cmd: sh("cat /proc/self/oom_score_adj; ulimit -Hc; ls /b; hostname; exit 4"),
        Hostname: "named",
        Domainname: "example.test",
        HostConfig: {
          ...{ Memory: 64 * 1024 * 1024, MemorySwap: -1, MemoryReservation: 16 * 1024 * 1024, NanoCpus: 1e9 },
          ...{
            CpuShares: 512,
            CpusetCpus: "0",
            PidsLimit: 50,
            OomScoreAdj: 50,
            ShmSize: 1024 * 1024,
            Init: true,
          },
          ...{ CapAdd: ["NET_ADMIN"], CapDrop: ["CHOWN"], Sysctls: { "net.core.somaxconn": "5" } },
          Ulimits: [{ Name: "core", Soft: 0, Hard: -1 }],
          DeviceCgroupRules: ["c 1:* rw", "a *:* rwm"],
          Tmpfs: { "/t": "size=1m,uid=5" },
          CgroupnsMode: "private",
          SecurityOpt: ["no-new-privileges"],
        },
      },
      {
        mounts: [
          { type: "bind", source: folder, destination: "/b", mode: "", rw: false, propagation: "rslave" },
          { type: "tmpfs", source: "", destination: "/t2", mode: "", rw: true, propagation: "" },
        ],
      },
    );
    assert.equal(code, 4, stderr);
    assert.match(stdout, /^50\nunlimited\n[^]*hosts\n[^]*named\n$/);
    const privileged = await run(
      { Cmd: sh("ls /dev/null /dev/full; exit 5"), HostConfig: { Privileged: true } },
      { input: { hostDevices: await hostDevices() } },
    );
    assert.equal(privileged.code, 5, privileged.stderr);
  });
