import assert from "node:assert/strict";
import { monitored, outputOf, readUntil } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("all who are attached get everything from then on", async (context) => {
  const { monitor, launch, run } = await monitored(context);
  const container = launch("while read line; do echo $line; done", { stdin: true, stdinOnce: true });
  const first = await run(container);
  const second = monitor.attach(container.id);
  assert.ok(second);
  const lines = second.output[Symbol.asyncIterator]();
  await first.write(Buffer.from("a\n"));
  await readUntil(lines, "a\n");
  const third = monitor.attach(container.id);
  assert.ok(third);
  second.close();
  await third.write(Buffer.from("b\n"));
  third.endInput();
  assert.equal((await outputOf(third)).stdout, "b\n");
  assert.equal((await outputOf(first)).stdout, "a\nb\n");
  assert.equal((await lines.next()).done, true);
  await monitor.exit(container.id);
  assert.equal(monitor.attach(container.id), undefined);
});

engineTest("a slow reader holds the process up, and gets all", async (context) => {
  const { launch, run, monitor } = await monitored(context);
  const container = launch("head -c 20000000 /dev/zero; echo end");
  const attachment = await run(container);
  let bytes = 0;
  let last = "";
  let most = 0;
  for await (const { data } of attachment.output) {
    if (bytes < 3_000_000) await new Promise((resolve) => setTimeout(resolve, 5));
    bytes += data.length;
    last = Buffer.from(data.subarray(-4)).toString();
    most = Math.max(most, data.length);
  }
  assert.equal(bytes, 20_000_004);
  assert.equal(last, "end\n");
  assert.equal((await monitor.exit(container.id)).code, 0);
});

engineTest("a reader that takes nothing is cut off; the process and the others go on", async (context) => {
  const { launch, run, monitor } = await monitored(context, { patience: 300 });
  const container = launch("head -c 20000000 /dev/zero; echo end");
  const stuck = await run(container);
  const reading = monitor.attach(container.id);
  assert.ok(reading);
  const { stdout } = await outputOf(reading);
  assert.ok(stdout.endsWith("end\n"));
  assert.equal((await monitor.exit(container.id)).code, 0);
  assert.equal((await outputOf(stuck)).stdout, "");
});

engineTest(
  "who reads after the end still gets all, and holds up nobody who waits for the code",
  async (context) => {
    const { launch, run, monitor } = await monitored(context);
    const container = launch("head -c 1150000 /dev/zero; printf end");
    const attachment = await run(container);
    assert.equal((await monitor.exit(container.id)).code, 0);
    await monitor.release(container.id);
    const { stdout } = await outputOf(attachment);
    assert.equal(stdout.length, 1_150_003);
    assert.ok(stdout.endsWith("end"));
  },
);
