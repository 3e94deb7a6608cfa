import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { monitored, eventually, type Monitored } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

/** What is run, and what clients are told: they look for these words. */
const faults: [args: string[], words: RegExp][] = [
  [["nosuch"], /exec: "nosuch": executable file not found in \$PATH: unknown$/],
  [["/nosuch"], /exec: "\/nosuch": stat \/nosuch: no such file or directory: unknown$/],
  [["/etc/plain"], /exec: "\/etc\/plain": permission denied: unknown$/],
  [["/tmp"], /exec: "\/tmp": permission denied: unknown$/],
  [[""], /exec: "": executable file not found in \$PATH: unknown$/],
];

for (const name of ["crun", "runc"] as const) {
  engineTest(`what can't be run is refused in docker's words, by ${name}`, async (context) => {
    const host = await monitored(context, { prefer: name });
    assert.equal(host.runtime.facts.name, name);
    await writeFile(join(host.root, "etc/plain"), "not a program\n");
    for (const [args, words] of faults) {
      const launch = host.launch(args);
      const fault = await refused(host.monitor.create(launch));
      assert.match(fault, words);
      assert.match(fault, /^failed to create task for container: .*OCI runtime create failed: /);
      assert.equal(host.monitor.attach(launch.id), undefined);
    }
    assert.deepEqual(await host.runtime.list(), []);
    await execs(host);
  });
}

async function execs(host: Monitored): Promise<void> {
  const launch = host.launch("sleep 100");
  await host.monitor.create(launch);
  await host.monitor.start(launch.id);
  for (const [index, [args, words]] of faults.entries()) {
    const session = host.monitor.exec({
      container: launch.id,
      id: `session${index}`,
      folder: launch.folder,
      process: { ...launch.spec.process, args },
      tty: false,
      stdin: false,
      detached: index % 2 === 1,
    });
    const fault = await refused(session);
    assert.match(fault, words);
    assert.match(fault, /^OCI runtime exec failed: exec failed: /);
  }
  await host.runtime.signal(launch.id, 9, true);
  assert.equal((await host.monitor.exit(launch.id)).code, 137);
  await host.monitor.release(launch.id);
  await eventually(async () => (await host.runtime.list()).length === 0);
}

async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, "start-failed");
  return error.message;
}
