import assert from "node:assert/strict";
import { monitored, outputOf, readUntil } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("stdin that ended before the start reaches the process, all of it", async (context) => {
  const { monitor, launch } = await monitored(context);
  for (const size of [0, 5, 1_000_000]) {
    const container = launch("wc -c", { stdin: true, stdinOnce: true });
    await monitor.create(container);
    const attachment = monitor.attach(container.id);
    assert.ok(attachment);
    const written = (async () => {
      const chunk = Buffer.alloc(50_000, "x");
      for (let sent = 0; sent < size; sent += chunk.length)
        await attachment.write(chunk.subarray(0, Math.min(chunk.length, size - sent)));
      attachment.endInput();
    })();
    await monitor.start(container.id);
    await written;
    assert.equal((await outputOf(attachment)).stdout.trim(), String(size));
    assert.equal((await monitor.exit(container.id)).code, 0);
  }
});

engineTest("who leaves doesn't end stdin, and may come back", async (context) => {
  const { monitor, launch, run } = await monitored(context);
  for (const stdinOnce of [true, false]) {
    const container = launch("while read line; do echo got $line; done; echo end", {
      stdin: true,
      stdinOnce,
    });
    const first = await run(container);
    const lines = first.output[Symbol.asyncIterator]();
    await first.write(Buffer.from("one\n"));
    await readUntil(lines, "got one");
    first.close();
    assert.equal((await lines.next()).done, true);
    await first.write(Buffer.from("nobody hears this\n"));

    const second = monitor.attach(container.id);
    assert.ok(second);
    const more = second.output[Symbol.asyncIterator]();
    await second.write(Buffer.from("two\n"));
    assert.equal(await readUntil(more, "got two"), "got two\n");
    second.endInput();
    // Without StdinOnce it stays open.
    if (stdinOnce) assert.equal(await readUntil(more, "end"), "end\n");
    else {
      await second.write(Buffer.from("three\n"));
      await readUntil(more, "got three");
      await monitor.release(container.id);
    }
  }
});

engineTest(
  "input for a process without stdin, or one that doesn't read it, harms nothing",
  async (context) => {
    const { monitor, launch, run } = await monitored(context);
    const without = launch("sleep 0.1; echo fine");
    const attachment = await run(without);
    await attachment.write(Buffer.alloc(10_000_000));
    attachment.endInput();
    assert.equal((await outputOf(attachment)).stdout, "fine\n");

    const deaf = launch("sleep 0.3; echo fine", { stdin: true, stdinOnce: true });
    const other = await run(deaf);
    const blocked = other.write(Buffer.alloc(3_000_000));
    assert.equal((await outputOf(other)).stdout, "fine\n");
    await blocked;
    assert.equal((await monitor.exit(deaf.id)).code, 0);
  },
);
