import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { Agent, request } from "node:http";
import { describe, test } from "node:test";
import { eventually } from "../crash/eventually.ts";
import { residentPeak } from "../crash/resident.ts";
import { storedFiles } from "../crash/stored-files.ts";
import { spawnBerth } from "../harness/process.ts";
import { freshBytes, registryClient } from "../harness/registry-client.ts";

/** A session that nobody goes on with costs a row of metadata and nothing else. */
describe("upload sessions begun and left", () => {
  test("10,000 sessions begun and left: no file, no handle, little memory each, and all expire", async () => {
    const uploads = { expire_after: "5s", purge_interval: "1s" };
    await using berth = await spawnBerth({ config: { uploads, log: { access: false } } });
    const client = registryClient(berth.url);
    await client.pushBlob(freshBytes(1000), { repo: "app" });
    const before = await residentPeak(berth.pid);
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const begin = () =>
      new Promise<string>((resolve, reject) => {
        const options = { method: "POST", agent, headers: { "content-length": 0 } };
        const outgoing = request(`${berth.url}/v2/app/blobs/uploads/`, options, (incoming) => {
          incoming.resume().once("end", () => {
            const { location } = incoming.headers;
            if (incoming.statusCode === 202 && location !== undefined) resolve(location);
            else reject(new Error(`status ${incoming.statusCode}`));
          });
        });
        outgoing.once("error", reject).end();
      });
    let last = "";
    for (let i = 0; i < 10_000; i += 100) {
      const sessions = await Promise.all(Array.from({ length: 100 }, begin));
      last = sessions.at(-1) ?? last;
    }
    agent.destroy();
    if (process.platform === "linux") {
      const handles = await readdir(`/proc/${berth.pid}/fd`);
      assert.ok(handles.length < 500, `${handles.length} open files`);
      const grown = (await residentPeak(berth.pid)) - before;
      assert.ok(grown < 150e6, `memory grew by ${grown} bytes`);
    }
    const files = await storedFiles(berth.data, 0);
    assert.ok(files.length < 100, `${files.length} files`);
    await eventually(
      "the last session is unknown",
      async () => (await client.get(last)).status === 404,
      60_000,
    );
    await client.pushBlob(freshBytes(1000), { repo: "app" });
  });
});
