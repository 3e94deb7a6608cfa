import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { accountDesk } from "../harness/accounts.ts";
import { spawnBerth, type BerthProcess } from "../harness/process.ts";
import type { RegistryClient } from "../harness/registry-client.ts";

const path = "/v2/team/app/tags/list";

function configuration(allowed: boolean, workers: number): Record<string, unknown> {
  const rules = allowed ? [{ repositories: "team/**", who: "signed-in", allow: ["pull"] }] : [];
  return { workers, auth: { mode: "token" }, policy: { rules } };
}

/** Statuses over so many connections that every worker has answered some. */
async function statuses(client: RegistryClient): Promise<string> {
  const answers = await Promise.all(Array.from({ length: 10 }, () => client.get(path)));
  return [...new Set(answers.map(({ status }) => status))].join();
}

async function until(what: string, is: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await is())) {
    assert.ok(Date.now() < end, `${what}: not after 20 s`);
    await sleep(50);
  }
}

/** The file that the process was started with: `--config FILE`. */
async function fileOf({ pid }: BerthProcess): Promise<string> {
  const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  return words[words.indexOf("--config") + 1] ?? "";
}

for (const workers of [1, 2])
  for (const way of ["SIGHUP", "a change of the file"])
    test(`good rules take effect without a restart by ${way}, with ${workers} worker(s), for tokens that are out too`, async () => {
      await using berth = await spawnBerth({ config: configuration(false, workers) });
      const desk = accountDesk(berth);
      const alice = await desk.addUser("alice");
      const clients = [desk.as(alice), desk.bearer(await desk.token(alice, "repository:team/app:pull"))];
      const [basic, bearer] = clients as [RegistryClient, RegistryClient];
      assert.equal(await statuses(basic), "403");
      const file = await fileOf(berth);
      const change = async (allowed: boolean) => {
        await writeFile(file, JSON.stringify(configuration(allowed, workers)));
        if (way === "SIGHUP") process.kill(berth.pid, "SIGHUP");
      };
      await change(true);
      await until("allowed everywhere", async () => (await statuses(basic)) === "404");
      const good = desk.bearer(await desk.token(alice, "repository:team/app:pull"));
      assert.equal(await statuses(good), "404");
      assert.equal(await statuses(bearer), "401", "a token that was made without the scope stays so");
      await change(false);
      await until("refused everywhere", async () => (await statuses(basic)) === "403");
      assert.equal(await statuses(good), "403");
    });

test("a faulty file keeps the old rules, says so and what is wrong; mended it counts again", async () => {
  await using berth = await spawnBerth({ config: configuration(true, 2) });
  const desk = accountDesk(berth);
  const client = desk.as(await desk.addUser("alice"));
  assert.equal(await statuses(client), "404");
  const file = await fileOf(berth);
  for (const [text, words] of [
    ["policy: {rules: [{repositories: 'team/**', who: 'user:', allow: pull}]}\nauth: {mode: token}", /user:/],
    ["policy: {rulez: []}\nauth: {mode: token}", /rulez/],
    ["policy: [\n", /stays in force/],
  ] as const) {
    const before = berth.logs().length;
    await writeFile(file, text);
    process.kill(berth.pid, "SIGHUP");
    await until("the log says so", () => /stays in force/.test(berth.logs().slice(before)));
    assert.match(berth.logs().slice(before), words);
    assert.equal(await statuses(client), "404");
  }
  await writeFile(file, JSON.stringify(configuration(false, 2)));
  process.kill(berth.pid, "SIGHUP");
  await until("the mended file counts", async () => (await statuses(client)) === "403");
});

test("a file that drops auth while running opens nothing", async () => {
  await using berth = await spawnBerth({ config: configuration(false, 2) });
  const desk = accountDesk(berth);
  const file = await fileOf(berth);
  for (const text of ["auth: {mode: none}\n", "policy: {rules: []}\n", ""]) {
    const before = berth.logs().length;
    await writeFile(file, text);
    process.kill(berth.pid, "SIGHUP");
    await until("it was read", () => /read again|stays in force/.test(berth.logs().slice(before)));
    assert.equal(await statuses(desk.as(undefined)), "401");
  }
  assert.ok((await readdir(join(berth.data, "keys"))).length > 0);
});
