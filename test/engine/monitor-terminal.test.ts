import assert from "node:assert/strict";
import { eventually, monitored, readUntil } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("a terminal takes input, sizes, and outlives who leaves it", async (context) => {
  const { monitor, launch, run } = await monitored(context);
  const container = launch(["sh"], { tty: true, stdin: true, stdinOnce: true });
  const first = await run(container);
  const output = first.output[Symbol.asyncIterator]();
  await readUntil(output, "# ");
  for (let rows = 20; rows < 60; rows++) void monitor.resize(container.id, { rows, columns: 132 });
  await monitor.resize(container.id, { rows: 60, columns: 132 });
  await eventually(async () => {
    await first.write(Buffer.from("echo size=$(stty size).\n"));
    return (await readUntil(output, ".\r\n")).includes("size=60 132.");
  });
  first.endInput();
  first.close();

  const second = monitor.attach(container.id);
  assert.ok(second);
  const more = second.output[Symbol.asyncIterator]();
  await second.write(Buffer.from("echo still=$((40+2))\n"));
  await readUntil(more, "still=42");
  await second.write(Buffer.from("exit 6\n"));
  assert.equal((await monitor.exit(container.id)).code, 6);
  await assert.rejects(monitor.resize(container.id, { rows: 1, columns: 1 }), { code: "engine-conflict" });
});
