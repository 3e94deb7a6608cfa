import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { allOfLog, eventually, logOf, monitored, textOf } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest(
  "a log that grows without end keeps to its sizes, and loses nothing of what is kept",
  async (context) => {
    const host = await monitored(context);
    const launch = host.launch(
      "i=0; while :; do echo line $i; i=$((i+1)); [ $((i % 200)) != 0 ] || usleep 2000; done",
      {
        log: { driver: "file", maxSize: 100_000, maxFiles: 3 },
      },
    );
    const log = host.logPath(launch.id);
    const files = async () =>
      (await readdir(dirname(log))).filter((name) => name.startsWith(basename(log))).sort();
    const stop = new AbortController();
    await host.monitor.create(launch);
    let followed = 0;
    let gaps = 0;
    const following = (async () => {
      for await (const { data } of host.monitor.logs(launch.id, { ...allOfLog, follow: true }, stop.signal)) {
        const text = Buffer.from(data).toString();
        if (text !== `line ${followed}\n`) gaps++;
        followed++;
      }
    })();
    await host.monitor.start(launch.id);
    await eventually(async () => (await files()).length === 3);
    const inode = (await stat(`${log}.2`)).ino;
    await eventually(async () => (await stat(`${log}.2`).catch(() => undefined))?.ino !== inode);
    assert.ok((await files()).length <= 3);
    await host.runtime.signal(launch.id, 9);
    await host.monitor.exit(launch.id);
    await following;

    assert.equal(gaps, 0, "who followed got every line");
    const kept = await logOf(host, launch.id);
    const numbers = kept.map(({ data }) => Number(Buffer.from(data).toString().split(" ")[1]));
    assert.ok(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1));
    assert.equal(numbers.at(-1), followed - 1);
    const tail = await logOf(host, launch.id, { tail: numbers.length - 3 });
    assert.equal(textOf(tail), textOf(kept.slice(3)), "the last lines reach into older files");
    assert.ok((await stat(join(dirname(log), `${basename(log)}.1`))).size >= 100_000);
  },
);
