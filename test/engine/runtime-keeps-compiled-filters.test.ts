import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { monitored } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("a seccomp profile is compiled once, and holds from then on", async (context) => {
  const { finish, launch, runFolder, runtime } = await monitored(context);
  const refuse = (name: string) =>
    launch("mkdir /tmp/made; chmod 700 /tmp; echo done", {
      spec: ({ linux }) => {
        linux.seccomp = {
          defaultAction: "SCMP_ACT_ALLOW",
          architectures: [],
          syscalls: [{ names: [name], action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
        };
      },
    });
  const filters = () => readdir(join(runFolder, "filters"));
  for (let round = 0; round < 3; round++) {
    const { stdout, stderr } = await finish(refuse("mkdir"));
    assert.equal(stdout, "done\n");
    assert.match(stderr, /^mkdir: .*not permitted\n$/);
    if (runtime.facts.name === "crun") assert.equal((await filters()).length, 1);
  }
  const other = await finish(refuse("chmod"));
  assert.match(other.stderr, /^chmod: .*not permitted\n$/);
});
