import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ExecLaunch, Launch } from "#core/engine/monitor.ts";
import { eventually, monitored, outputOf, readUntil, type Monitored } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

let sessions = 0;

function session(container: Launch, script: string, more: Partial<ExecLaunch> = {}): ExecLaunch {
  return {
    container: container.id,
    id: `session${sessions++}`,
    folder: container.folder,
    process: { ...container.spec.process, terminal: more.tty === true, args: ["sh", "-c", script] },
    ...{ tty: false, stdin: false, detached: false },
    ...more,
  };
}

async function sleeping(host: Monitored): Promise<Launch> {
  const container = host.launch("sleep 1000");
  await host.monitor.create(container);
  await host.monitor.start(container.id);
  return container;
}

for (const prefer of ["crun", "runc"] as const) {
  engineTest(`exec sessions that end at once lose no code and no byte (${prefer})`, async (context) => {
    const host = await monitored(context, { prefer });
    const container = await sleeping(host);
    const one = async (code: number) => {
      const tty = code % 3 === 0;
      const { attachment, exit, pid } = await host.monitor.exec(
        session(container, `echo out${code}; echo err${code} >&2; exit ${code}`, { tty }),
      );
      assert.ok(attachment !== undefined && pid > 0);
      const { stdout, stderr } = await outputOf(attachment);
      assert.equal(stdout, tty ? `out${code}\r\nerr${code}\r\n` : `out${code}\n`);
      assert.equal(stderr, tty ? "" : `err${code}\n`);
      assert.equal(await exit, code);
    };
    for (let code = 0; code < 9; code++) await one(code);
    await Promise.all([10, 11, 12, 13, 14, 15].map(one));
    const folder = join(host.runFolder, "containers", container.id, "execs");
    await eventually(async () => (await readdir(folder)).length === 0);
  });
}

engineTest("an exec session has stdin until it ends it", async (context) => {
  const host = await monitored(context);
  const container = await sleeping(host);
  const { attachment, exit } = await host.monitor.exec(session(container, "wc -c; exit 4", { stdin: true }));
  assert.ok(attachment);
  for (let i = 0; i < 20; i++) await attachment.write(Buffer.alloc(50_000, "x"));
  attachment.endInput();
  assert.equal((await outputOf(attachment)).stdout.trim(), "1000000");
  assert.equal(await exit, 4);
});

engineTest(
  "a terminal of an exec session has its size from the first moment, and the last one asked for",
  async (context) => {
    const host = await monitored(context);
    const container = await sleeping(host);
    const { attachment, resize, exit } = await host.monitor.exec(
      session(container, "stty size; while read x; do stty size; done", {
        tty: true,
        stdin: true,
        size: { rows: 11, columns: 22 },
      }),
    );
    assert.ok(attachment);
    const output = attachment.output[Symbol.asyncIterator]();
    await readUntil(output, "11 22");
    for (let rows = 30; rows < 50; rows++) void resize({ rows, columns: 100 });
    await resize({ rows: 50, columns: 100 });
    let seen = "";
    await eventually(async () => {
      await attachment.write(Buffer.from("\n"));
      seen = await readUntil(output, "\r\n");
      return seen.includes("50 100");
    });
    await attachment.write(Buffer.from("\x04"));
    assert.equal(await exit, 0);
  },
);

engineTest(
  "a detached exec session runs to its end unheard; a killed one ends; leaving doesn't end it",
  async (context) => {
    const host = await monitored(context);
    const container = await sleeping(host);
    const detached = await host.monitor.exec(
      session(container, "sleep 0.1; echo x; exit 9", { detached: true }),
    );
    assert.equal(detached.attachment, undefined);
    assert.equal(await detached.exit, 9);

    const left = await host.monitor.exec(session(container, "sleep 0.2; yes | head -c 100000; exit 8"));
    left.attachment?.close();
    assert.equal(await left.exit, 8);

    const killed = await host.monitor.exec(session(container, "sleep 1000"));
    process.kill(killed.pid, "SIGKILL");
    assert.equal(await killed.exit, 137);

    const orphan = await host.monitor.exec(session(container, "sleep 1000"));
    await host.runtime.signal(container.id, 9, true);
    assert.equal(await orphan.exit, 137);
    assert.equal((await host.monitor.exit(container.id)).code, 137);
    await assert.rejects(host.monitor.exec(session(container, "true")), { name: "AppError" });
  },
);
