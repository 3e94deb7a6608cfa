import assert from "node:assert/strict";
import { request } from "node:http";
import { deserialize, serialize } from "node:v8";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { controlPath } from "#app/control/control.ts";
import { operationsPath } from "#app/control/control-operations.ts";
import type { Outcome } from "#adapters/sqlite/outcome.ts";
import { startBerth } from "../harness/berth.ts";

function post(socketPath: string, body: Buffer): Promise<{ status: number | undefined; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: operationsPath, method: "POST", agent: false }, (response) => {
      buffer(response).then((bytes) => resolve({ status: response.statusCode, body: bytes }), reject);
    })
      .on("error", reject)
      .end(body);
  });
}

test("a body that is no list of operations is refused, and the server goes on", async () => {
  await using berth = await startBerth();
  const path = controlPath(berth.data);
  const sparse: unknown[] = [];
  sparse[1] = { op: "probe", args: {} };
  for (const body of [
    Buffer.alloc(0),
    Buffer.from("no such thing"),
    ...[undefined, null, {}, "probe", [null], [undefined], [5], [{}], [{ op: 1 }], sparse].map((value) =>
      serialize(value),
    ),
  ])
    assert.equal((await post(path, body)).status, 400, body.toString("latin1"));

  const ops = [{ op: "nothing", args: {} }, { op: "takeLease" }, { op: "probe", args: {} }];
  const answer = await post(path, serialize(ops));
  assert.equal(answer.status, 200);
  const outcomes = deserialize(answer.body) as Outcome[];
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [false, false, true],
    "a faulty operation fails alone",
  );
  assert.equal((await fetch(`${berth.url}/v2/`)).status, 200);
});
