import { gzipSync } from "node:zlib";
import { digestOf } from "../harness/registry-content.ts";
import { errorAnswer, missing, schema1, type Answer } from "./answer.ts";
import type { Fault, SeenRequest } from "./fault.ts";

/** How an answer goes out. */
export interface Delivery {
  answer: Answer;
  /** Content-Length; undefined: chunked. */
  length: number | undefined;
  endless: boolean;
  /** Bytes a second. */
  pace: number | undefined;
  resetAfter: number | undefined;
  hold: { at: number; until: Promise<unknown> } | undefined;
  /** No answer: the connection is left alone, or reset. */
  none: "silence" | "reset" | undefined;
}

const page = "<!doctype html><html><body><h1>Sign in to the network</h1></body></html>\n";

/** The good answer with what is wrong with it. */
export function harm(
  good: Answer,
  faults: readonly Fault[],
  request: SeenRequest,
  challenge: string,
): Delivery {
  const delivery: Delivery = {
    answer: { ...good, headers: { ...good.headers } },
    length: good.body.length,
    endless: false,
    pace: undefined,
    resetAfter: undefined,
    hold: undefined,
    none: undefined,
  };
  for (const fault of faults) apply(delivery, fault, request, challenge);
  return delivery;
}

function apply(delivery: Delivery, fault: Fault, request: SeenRequest, challenge: string): void {
  const { answer } = delivery;
  const { headers, body } = answer;
  const replace = (other: Answer) => {
    delivery.answer = other;
    delivery.length = other.body.length;
  };
  const sent = (bytes: Buffer) => {
    answer.body = bytes;
    delivery.length = bytes.length;
  };
  if (typeof fault === "object") {
    if ("status" in fault)
      replace({ status: fault.status, headers: fault.headers ?? {}, body: Buffer.from(fault.body ?? "") });
    else if ("redirect" in fault)
      replace({ status: fault.code ?? 307, headers: { location: fault.redirect }, body: Buffer.alloc(0) });
    else if ("challenge" in fault)
      replace(errorAnswer(401, "UNAUTHORIZED", { "www-authenticate": fault.challenge }));
    else if ("headers" in fault) Object.assign(headers, fault.headers);
    else if ("pace" in fault) delivery.pace = fault.pace;
    else if ("resetAfter" in fault) delivery.resetAfter = fault.resetAfter;
    else delivery.hold = { at: fault.holdAt, until: fault.until };
    return;
  }
  switch (fault) {
    case "wrong-digest": {
      const other = Buffer.from(body);
      if (other.length > 0) other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
      answer.body = other;
      return;
    }
    case "short":
      return sent(body.subarray(0, Math.floor(body.length / 2)));
    case "long":
      return sent(Buffer.concat([body, Buffer.alloc(64, "x")]));
    case "length-too-long":
      delivery.length = body.length + 100;
      return;
    case "length-too-short":
      delivery.length = Math.floor(body.length / 2);
      return;
    case "no-length":
      delivery.length = undefined;
      return;
    case "gzip":
      headers["content-encoding"] = "gzip";
      return sent(gzipSync(body));
    case "no-digest":
      delete headers["docker-content-digest"];
      delete headers.etag;
      return;
    case "other-digest":
      headers["docker-content-digest"] = digestOf(Buffer.from("something else"));
      return;
    case "html":
      return replace({ status: 200, headers: { "content-type": "text/html" }, body: Buffer.from(page) });
    case "endless":
      delivery.endless = true;
      delivery.length = undefined;
      return;
    case "drip":
      delivery.pace = 1;
      return;
    case "silence":
    case "reset":
      delivery.none = fault;
      return;
    case "reset-mid-body":
      delivery.resetAfter = Math.floor(body.length / 2);
      return;
    case "no-ranges":
      // Looked at before the good answer is made.
      delete headers["accept-ranges"];
      return;
    case "wrong-range":
      if (answer.status === 206) headers["content-range"] = `bytes 0-${body.length - 1}/${body.length}`;
      return;
    case "foreign-type":
      return replace({ ...schema1, headers: { ...schema1.headers } });
    case "gone":
      return replace(errorAnswer(404, missing[request.kind] ?? "NAME_UNKNOWN"));
    case "unauthorized":
      return replace(errorAnswer(401, "UNAUTHORIZED", { "www-authenticate": challenge }));
    case "redirect-loop":
      return replace({ status: 307, headers: { location: request.path }, body: Buffer.alloc(0) });
  }
}
