import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { deserialize, serialize } from "node:v8";
import type { Op } from "#adapters/sqlite/operations/operations.ts";
import type { Outcome } from "#adapters/sqlite/outcome.ts";

/** Where the control socket takes changes of metadata from commands of the same version, as V8 writes values. */
export const operationsPath = "/operations";

/** Who gets to the socket may open the database as well: nothing is checked here but the operations' own rules. */
export async function answerOperations(
  submitBatch: (ops: readonly Op[]) => Promise<Outcome[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const ops = operationsIn(await buffer(request));
  if (ops === undefined) {
    response.writeHead(400).end();
    return;
  }
  const outcomes = serialize(await submitBatch(ops));
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": outcomes.length,
  });
  response.end(outcomes);
}

/** Undefined for what is no list of operations: the writer, which all requests share, must not meet it. */
function operationsIn(body: Buffer): Op[] | undefined {
  let value: unknown;
  try {
    value = deserialize(body);
  } catch {
    return undefined;
  }
  const isOp = (one: unknown) => typeof (one as { op?: unknown } | null | undefined)?.op === "string";
  // Array.from: `every` passes over holes.
  return Array.isArray(value) && Array.from(value as unknown[]).every(isOp) ? (value as Op[]) : undefined;
}
