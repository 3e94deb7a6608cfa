import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import type { ContainersNeeds, DockerNeeds } from "#http/docker/needs.ts";
import { needs } from "../clients/needs.ts";
import { serveDoor } from "./harness/door.ts";
import { fakeAttachment } from "./harness/fake-attachment.ts";
import { sampleContainer, sampleId, sampleRecord } from "./harness/sample-container.ts";

const timeout = 30_000;

async function* nothing() {}

/** A container whose process the test plays: `start` begins it, its end answers the waiters. */
function playing(
  play: (process: ReturnType<typeof fakeAttachment>) => number,
  { tty = false, seen = [] as string[] } = {},
): Partial<ContainersNeeds> {
  const process = fakeAttachment();
  const ended = Promise.withResolvers<{ code: number; error: string | undefined }>();
  return {
    async create(query, body) {
      seen.push(`create ${query.name}`);
      assert.equal(typeof body.HostConfig, "object");
      return { id: sampleId, warnings: ["it is only played"] };
    },
    async attach(ref, { stdin }) {
      assert.equal(ref, sampleId);
      seen.push(`attach stdin=${stdin}`);
      return { tty, replay: nothing(), attachment: process };
    },
    async wait(_ref, condition) {
      seen.push(`wait ${condition}`);
      return { ended: ended.promise };
    },
    async start() {
      seen.push("start");
      const code = play(process);
      process.finish();
      ended.resolve({ code, error: undefined });
    },
    inspect: async () => sampleContainer(),
  };
}

test(
  "run: output of both streams and the exit code, in the CLI's order",
  { timeout, ...needs("docker") },
  async () => {
    const seen: string[] = [];
    const containers = playing(
      (process) => {
        process.say("out\n");
        process.say("err\n", "stderr");
        return 3;
      },
      { seen },
    );
    await using door = await serveDoor({ containers });
    const { code, stdout, stderr } = await door.docker(["run", "--name", "a", "busybox"]);
    assert.deepEqual([code, stdout, stderr], [3, "out\n", "WARNING: it is only played\nerr\n"]);
    assert.deepEqual(seen, ["create a", "attach stdin=false", "wait next-exit", "start"]);
  },
);

test("run -i: what is piped in arrives, and its end", { timeout, ...needs("docker") }, async () => {
  const process = fakeAttachment((what) => {
    if (what !== "end") return;
    process.say(`got ${process.input}`);
    process.finish();
    ended.resolve({ code: 0, error: undefined });
  });
  const ended = Promise.withResolvers<{ code: number; error: string | undefined }>();
  const containers: Partial<ContainersNeeds> = {
    ...playing(() => 0),
    attach: async () => ({ tty: false, replay: nothing(), attachment: process }),
    wait: async (_ref, condition) => {
      assert.equal(condition, "removed");
      return { ended: ended.promise };
    },
    start: async () => undefined,
  };
  await using door = await serveDoor({ containers });
  const { code, stdout } = await door.docker(["run", "-i", "--rm", "busybox", "cat"], { input: "hello" });
  assert.deepEqual([code, stdout], [0, "got hello"]);
});

test("run -d: its wait is let go", { timeout, ...needs("docker") }, async () => {
  const let_go = Promise.withResolvers<void>();
  const containers: Partial<ContainersNeeds> = {
    ...playing(() => 0),
    async wait(_ref, _condition, signal) {
      const ended = new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          let_go.resolve();
          reject(new Error("nobody waits"));
        });
      });
      return { ended };
    },
    start: async () => undefined,
  };
  await using door = await serveDoor({ containers });
  const { code, stdout } = await door.docker(["run", "-d", "busybox"]);
  assert.deepEqual([code, stdout], [0, `${sampleId}\n`]);
  await let_go.promise;
});

for (const [message, expected] of [
  ['exec: "nope": executable file not found in $PATH: unknown', 127],
  ['exec: "/etc/passwd": permission denied: unknown', 126],
  ["exec format error", 125],
] as const)
  test(
    `run: a start that fails with "${message}" ends with ${expected}`,
    { timeout, ...needs("docker") },
    async () => {
      const ended = Promise.withResolvers<{ code: number; error: string | undefined }>();
      const process = fakeAttachment();
      const containers: Partial<ContainersNeeds> = {
        ...playing(() => 0),
        attach: async () => ({ tty: false, replay: nothing(), attachment: process }),
        wait: async () => ({ ended: ended.promise }),
        async start() {
          process.finish();
          ended.resolve({ code: 127, error: undefined });
          throw new AppError("start-failed", `failed to create task for container: ${message}`);
        },
      };
      await using door = await serveDoor({ containers });
      const { code, stderr } = await door.docker(["run", "--rm", "busybox", "nope"]);
      assert.equal(code, expected);
      assert.match(stderr, /Error response from daemon: failed to create task for container: exec/);
    },
  );

test("run: a missing image is pulled, then created again", { timeout, ...needs("docker") }, async () => {
  const seen: string[] = [];
  let there = false;
  const played = playing((process) => (process.say("hi\n"), 0));
  const fakes: { containers: Partial<ContainersNeeds>; images: Partial<DockerNeeds["images"]> } = {
    containers: {
      ...played,
      async create(query, body) {
        if (!there) throw new AppError("engine-missing", "No such image: busybox:latest");
        return (await played.create?.(query, body)) ?? assert.fail();
      },
    },
    images: {
      async *pull({ name, tag }) {
        seen.push(`${name} ${tag}`);
        yield { status: "Pulling from library/busybox", id: tag };
        yield { status: "Downloading", progressDetail: { current: 1, total: 2 }, id: "abcdefabcdef" };
        there = true;
        yield { status: "Status: Downloaded newer image for busybox:latest" };
      },
    },
  };
  await using door = await serveDoor(fakes);
  const { code, stdout, stderr } = await door.docker(["run", "busybox"]);
  assert.deepEqual([code, stdout, seen], [0, "hi\n", ["docker.io/library/busybox latest"]]);
  assert.match(stderr, /^Unable to find image 'busybox:latest' locally\n/);
  assert.match(stderr, /latest: Pulling from library\/busybox\n/);
  assert.doesNotMatch(stderr, /Downloading/);
});

test("exec: exit code, and the text of a failure", { timeout, ...needs("docker") }, async () => {
  let failing = false;
  const view = {
    id: "e1",
    container: sampleId,
    running: false,
    pid: 1,
    tty: false,
    stdin: false,
    stdout: true,
    stderr: true,
    detachKeys: "",
    user: "",
    privileged: false,
    entrypoint: "sh",
    arguments: [],
  };
  await using door = await serveDoor({
    containers: { inspect: async () => sampleContainer() },
    execs: {
      async create(container, body) {
        assert.deepEqual([container, body.Cmd], ["web", ["sh"]]);
        return "e1";
      },
      look: async () => ({ ...view, exitCode: failing ? 126 : 7 }),
      async start() {
        if (failing)
          throw new AppError("start-failed", "OCI runtime exec failed: executable file not found in $PATH");
        const process = fakeAttachment();
        process.say("from exec\n");
        process.finish();
        return process;
      },
    },
  });
  const good = await door.docker(["exec", "web", "sh"]);
  assert.deepEqual([good.code, good.stdout], [7, "from exec\n"]);
  failing = true;
  const bad = await door.docker(["exec", "web", "sh"]);
  assert.deepEqual(
    [bad.code, bad.stdout],
    [126, "OCI runtime exec failed: executable file not found in $PATH\r\n"],
  );
  failing = false;
  assert.equal((await door.docker(["exec", "-d", "web", "sh"])).code, 0);
});

test("start -a, attach and stop of what has stopped", { timeout, ...needs("docker") }, async () => {
  const record = sampleRecord({ state: { status: "exited", exitCode: 0 } });
  const containers: Partial<ContainersNeeds> = {
    ...playing((process) => (process.say("again\n"), 4)),
    inspect: async () => sampleContainer(record),
    stop: () => Promise.reject(new AppError("engine-unchanged", "it is stopped")),
  };
  await using door = await serveDoor({ containers });
  const again = await door.docker(["start", "-a", "web"]);
  assert.deepEqual([again.code, again.stdout], [4, "again\n"]);
  const stopped = await door.docker(["stop", "web"]);
  assert.deepEqual([stopped.code, stopped.stdout], [0, "web\n"]);
  const attached = await door.docker(["attach", "web"]);
  assert.equal(attached.code, 1);
  assert.match(attached.stderr, /cannot attach to a stopped container/);
});
