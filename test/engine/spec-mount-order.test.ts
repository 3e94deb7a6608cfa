import assert from "node:assert/strict";
import { test } from "node:test";
import { allCapabilities } from "#oci/capability-names.ts";
import { ampleFacts, madeRecord, specOf } from "./harness/made-record.ts";

const facts = { ...ampleFacts, capabilities: allCapabilities };
const image = { Env: ["A=1", "B=2"], WorkingDir: "/w", Cmd: ["sleep", "100"] };

test("mounts lie in the order of their depth, and instead of docker's own", () => {
  const record = madeRecord(
    {
      HostConfig: { ReadonlyRootfs: true, Init: true, Tmpfs: { "/t": "", "/u": "size=1m,ro,exec,mode=700" } },
    },
    facts,
    image,
    {
      mounts: [
        { type: "bind", source: "/s", destination: "/a/b/c", mode: "", rw: false, propagation: "rshared" },
        { type: "volume", source: "/v", destination: "/a", mode: "", rw: true, propagation: "" },
        {
          type: "bind",
          source: "/h",
          destination: "/etc/hosts",
          mode: "",
          rw: true,
          propagation: "rprivate",
        },
        {
          type: "bind",
          source: "/m",
          destination: "/dev/shm",
          mode: "",
          rw: true,
          propagation: "private",
          nonRecursive: true,
        },
      ],
    },
  );
  const made = specOf(record, facts);
  assert.deepEqual(made.process.args.slice(0, 2), ["/sbin/docker-init", "--"]);
  assert.deepEqual(made.mounts.slice(6), [
    { destination: "/sbin/docker-init", type: "bind", source: facts.init, options: ["bind", "ro"] },
    { destination: "/a", type: "bind", source: "/v", options: ["rbind"] },
    { destination: "/t", type: "tmpfs", source: "tmpfs", options: ["noexec", "nosuid", "nodev", "rprivate"] },
    {
      destination: "/u",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "nodev", "rprivate", "size=1m", "ro", "exec", "mode=700"],
    },
    { destination: "/etc/hosts", type: "bind", source: "/h", options: ["rbind", "rprivate"] },
    { destination: "/dev/shm", type: "bind", source: "/m", options: ["bind", "private"] },
    {
      destination: "/etc/resolv.conf",
      type: "bind",
      source: "/c/resolv.conf",
      options: ["rbind", "ro", "rprivate"],
    },
    {
      destination: "/etc/hostname",
      type: "bind",
      source: "/c/hostname",
      options: ["rbind", "ro", "rprivate"],
    },
    { destination: "/a/b/c", type: "bind", source: "/s", options: ["rbind", "ro", "rshared"] },
  ]);
  assert.equal(made.linux.rootfsPropagation, "shared");
  assert.equal(made.root.readonly, true);
});
