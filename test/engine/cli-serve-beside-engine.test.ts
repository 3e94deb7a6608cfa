import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engineTest } from "./harness/needs.ts";
import { openOwnHost, type OwnHost } from "./harness/own-host.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
/** Who is nobody on every machine. */
const nobody = 65534;

async function serving(host: OwnHost) {
  const folder = await mkdtemp(join(tmpdir(), "be-"));
  await chmod(folder, 0o755);
  const file = join(folder, "berth.yaml");
  const engine = `{ enabled: true, listen: "unix://${folder}/e.sock", data: ${folder}/engine, run_folder: ${folder}/run }`;
  await writeFile(
    file,
    `listen: 127.0.0.1:0\ndata: ${folder}/data\nworkers: 2\nuser: "${nobody}"\nengine: ${engine}\n`,
  );
  const args = ["--conditions=berth-src", main, "serve", "--config", file];
  const child = host.spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? "", HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  return {
    child,
    folder,
    ended,
    ready: (count: number) =>
      until(
        () => output.split('"msg":"ready"').length > count,
        () => output,
      ),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await Promise.race([ended, sleep(20_000, undefined, { ref: false })]);
      child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function until(holds: () => boolean | Promise<boolean>, told: () => string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await holds()) return;
    await sleep(50);
  }
  assert.fail(`it never came true: ${told()}`);
}

/** Processes whose command line has the text, with their user. */
async function processes(text: string): Promise<{ pid: number; uid: number; line: string }[]> {
  const found = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
    const uid = (await stat(`/proc/${pid}`).catch(() => undefined))?.uid;
    if (line.includes(text) && uid !== undefined) found.push({ pid: Number(pid), uid, line });
  }
  return found;
}

engineTest(
  "by root both are served: the engine as root, what faces the network as somebody else",
  async () => {
    await using host = await openOwnHost();
    await using server = await serving(host);
    await server.ready(2);
    const all = await processes(join(server.folder, "berth.yaml"));
    const serve = all.filter(({ line }) => line.includes("--beside-engine"));
    assert.deepEqual(
      serve.map(({ uid }) => uid),
      [nobody],
    );
    assert.deepEqual(
      all.filter(({ line }) => / engine /.test(line)).map(({ uid }) => uid),
      [0],
    );
    assert.equal((await stat(join(server.folder, "data"))).uid, nobody);
    assert.equal((await stat(join(server.folder, "data", "berth.db"))).uid, nobody);
    // The socket's folder by default, so its group has to get in.
    assert.equal((await stat(join(server.folder, "run"))).mode & 0o777, 0o755);
    const status = await readFile(`/proc/${serve[0]?.pid}/status`, "utf8");
    assert.match(status, /^Groups:\s*$/m);
    server.child.kill("SIGTERM");
    assert.equal(await server.ended, 0);
    assert.deepEqual(await processes(server.folder), []);
  },
);

engineTest("an engine that is killed is started again, and the registry serves on", async () => {
  await using host = await openOwnHost();
  await using server = await serving(host);
  await server.ready(2);
  const engines = async () => (await processes(server.folder)).filter(({ line }) => / engine /.test(line));
  const [first] = await engines();
  assert.ok(first);
  process.kill(first.pid, "SIGKILL");
  await server.ready(3);
  assert.notEqual((await engines())[0]?.pid, first.pid);
});

engineTest("when the one that started them is killed, both end by themselves", async () => {
  await using host = await openOwnHost();
  await using server = await serving(host);
  await server.ready(2);
  server.child.kill("SIGKILL");
  await server.ended;
  await until(
    async () => (await processes(server.folder)).length === 0,
    () => "processes are left",
  );
});
