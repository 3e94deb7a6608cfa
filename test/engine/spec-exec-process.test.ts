import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultCapabilities } from "#engine/capabilities.ts";
import { allCapabilities } from "#oci/capability-names.ts";
import { buildExecProcess } from "#engine/spec/build-exec-process.ts";
import { ampleFacts, madeRecord } from "./harness/made-record.ts";

const facts = { ...ampleFacts, capabilities: allCapabilities };
const image = { Env: ["A=1", "B=2"], WorkingDir: "/w", Cmd: ["sleep", "100"] };

test("an exec's process: the container's, but for what it says itself", () => {
  const record = madeRecord(
    { User: "joe", Hostname: "h", HostConfig: { CapAdd: ["NET_ADMIN"] } },
    facts,
    image,
  );
  const root = { uid: 0, gid: 0, additionalGids: [0], home: "/root" };
  const input = {
    record,
    facts,
    user: root,
    command: ["id"],
    env: ["B", "C=3"],
    workingDir: "",
    privileged: false,
    tty: true,
  };
  const made = buildExecProcess({ ...input, size: { rows: 5, columns: 9 } });
  assert.deepEqual(made.env.slice(1), ["HOSTNAME=h", "TERM=xterm", "A=1", "C=3"]);
  assert.deepEqual([made.cwd, made.consoleSize], ["/w", { height: 5, width: 9 }]);
  assert.deepEqual(made.capabilities?.effective, [...defaultCapabilities, "CAP_NET_ADMIN"]);
  assert.deepEqual(buildExecProcess({ ...input, privileged: true }).capabilities?.effective, allCapabilities);
  assert.equal(buildExecProcess({ ...input, workingDir: "/x/../y" }).cwd, "/y");
  assert.throws(() => buildExecProcess({ ...input, workingDir: "rel" }), { code: "engine-invalid" });
});
