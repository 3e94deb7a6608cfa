import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { test } from "node:test";
import { openPlace } from "../cli/account-place.ts";
import { residentPeak } from "../crash/resident.ts";
import { spawnBerth } from "../harness/process.ts";
import { oci } from "../harness/registry-client.ts";

const MiB = 1024 * 1024;
const total = 10_000;
const networks = 24;
const connections = 4;

test("10,000 wrong passwords: each is answered, valid pulls go on, memory stays", async () => {
  using place = openPlace();
  for (const name of ["alice", "bob"])
    await place.ok(["user", "add", name, "--password-file", "-"], `password of ${name}`);
  await using berth = await spawnBerth({
    data: place.data,
    config: { workers: 2, auth: { mode: "token" }, log: { access: false } },
  });
  const { hostname, port } = new URL(berth.url);
  const agents: Agent[] = [];

  /** One request from an address of loopback; its status and body. */
  function send(agent: Agent, localAddress: string, path: string, options: SendOptions = {}) {
    const { method = "GET", body = "", ...headers } = options;
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const signal = AbortSignal.timeout(120_000);
      const outgoing = request({ hostname, port, path, method, headers, agent, localAddress, signal });
      outgoing.once("error", reject);
      outgoing.once("response", (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.once("error", reject);
        incoming.once("end", () =>
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      });
      outgoing.end(body);
    });
  }
  function agentOf(maxSockets: number): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets });
    agents.push(agent);
    return agent;
  }

  const own = agentOf(4);
  const asAlice = (path: string, options: SendOptions = {}) =>
    send(own, "127.0.0.1", path, { authorization: basic("alice", "password of alice"), ...options });
  const image = oci.image();
  for (const { digest, bytes } of image.blobs) {
    const path = `/v2/alice/app/blobs/uploads/?digest=${digest}`;
    const options = { method: "POST", body: bytes, "content-type": "application/octet-stream" };
    assert.equal((await asAlice(path, options)).status, 201);
  }
  const manifest = { method: "PUT", body: image.bytes, "content-type": image.mediaType };
  assert.equal((await asAlice("/v2/alice/app/manifests/v1", manifest)).status, 201);

  /** As docker does it: a token for her password, and with it manifest and blobs. */
  async function pull(): Promise<void> {
    const answer = await asAlice("/token?scope=repository:alice/app:pull");
    assert.equal(answer.status, 200, answer.text);
    const authorization = `Bearer ${(JSON.parse(answer.text) as { token: string }).token}`;
    for (const path of ["manifests/v1", ...image.blobs.map(({ digest }) => `blobs/${digest}`)]) {
      const { status, text } = await asAlice(`/v2/alice/app/${path}`, { authorization });
      assert.equal(status, 200, text);
    }
    assert.equal((await asAlice("/v2/alice/app/manifests/v1")).status, 200);
  }

  const answers = new Map<number, number>();
  async function flood(count: number, from: number): Promise<void> {
    let next = 0;
    const attackers = Array.from({ length: networks * connections }, async (_, at) => {
      const agent = agentOf(1);
      for (let n = next++; n < count; n = next++) {
        // Her own name too: nobody may lock her out.
        const name = ["alice", "bob", `nobody${n % 50}`][n % 3] ?? "";
        const authorization = basic(name, `wrong ${from + n}`);
        const path = n % 2 === 0 ? "/v2/" : "/token?scope=repository:alice/app:pull";
        const { status } = await send(agent, `127.0.1.${1 + (at % networks)}`, path, { authorization });
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    });
    let over = false;
    const all = Promise.all(attackers).finally(() => (over = true));
    let pulls = 0;
    while (!over && pulls < 20_000) {
      await pull();
      pulls++;
    }
    await all;
    assert.ok(pulls > 0, "no pull came between");
  }

  try {
    await pull();
    await flood(total / 2, 0);
    const half = await residentPeak(berth.pid);
    await flood(total / 2, total / 2);
    const grown = Math.round(((await residentPeak(berth.pid)) - half) / MiB);
    assert.ok(grown < 64, `grew by ${grown} MiB in the second half`);

    const {
      401: wrong = 0,
      429: late = 0,
      ...others
    } = Object.fromEntries(answers) as Record<string, number>;
    assert.deepEqual(others, {});
    assert.equal(wrong + late, total);
    assert.ok(wrong >= 20 && late > wrong, `${wrong} were checked, ${late} had to wait`);

    for (const path of ["/livez", "/readyz"]) assert.equal((await asAlice(path)).status, 200);
    // Bob never signed in before; he isn't locked out either, from an address of his own.
    const asBob = { authorization: basic("bob", "password of bob") };
    let status = 429;
    for (let attempt = 0; status === 429 && attempt < 30; attempt++) {
      ({ status } = await send(own, "127.0.0.9", "/v2/", asBob));
      if (status === 429) await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    assert.equal(status, 200);
    await pull();
  } finally {
    for (const agent of agents) agent.destroy();
  }
});

interface SendOptions {
  method?: string;
  body?: Uint8Array;
  authorization?: string;
  "content-type"?: string;
}

function basic(name: string, password: string): string {
  return `Basic ${btoa(`${name}:${password}`)}`;
}
