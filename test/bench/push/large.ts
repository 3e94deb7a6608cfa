import type { PushJob } from "./job.ts";
import { chunk, payloads, type Payloads, type Stamp } from "./payload.ts";
import { expectStatus, requests, type Requests } from "./requests.ts";
import type { Wire } from "./wire.ts";

const octets = "Content-Type: application/octet-stream";

/** Large blobs from one shared buffer: in the PUT, or in a PATCH before an empty PUT. */
export function largePushes(job: PushJob): (wire: Wire) => Promise<string> {
  const source = payloads(job.size);
  const words = requests(job.host, job.port);
  const target = `/v2/${job.repository}/blobs/uploads/`;
  const post = words.head("POST", target, "Content-Length: 0");
  return async (wire) => {
    const stamp = source.next();
    let last = expectStatus(await wire.request([post]), 202, `POST ${target}`);
    let asked = target;
    if (job.kind !== "monolithic") {
      asked = words.follow(last, asked);
      const parts = job.kind === "patch" ? withLength(job, source, stamp) : inChunks(source, stamp);
      last = expectStatus(await wire.request(parts(words, asked)), 202, `PATCH ${asked}`);
    }
    const put = words.follow(last, asked, `digest=${stamp.digest}`);
    const length = job.kind === "monolithic" ? job.size : 0;
    const head = words.head("PUT", put, octets, `Content-Length: ${length}`);
    const body = job.kind === "monolithic" ? wholeBody(source, stamp) : [];
    expectStatus(await wire.request(join([head], body)), 201, `PUT ${put}`);
    return stamp.digest;
  };
}

type Parts = (words: Requests, target: string) => Iterable<Buffer>;

function withLength(job: PushJob, source: Payloads, stamp: Stamp): Parts {
  return (words, target) =>
    join([words.head("PATCH", target, octets, `Content-Length: ${job.size}`)], wholeBody(source, stamp));
}

function inChunks(source: Payloads, stamp: Stamp): Parts {
  return (words, target) =>
    join(
      [words.head("PATCH", target, octets, "Transfer-Encoding: chunked")],
      join(source.framedBody(), [...chunk(stamp.bytes), Buffer.from("0\r\n\r\n")]),
    );
}

function wholeBody(source: Payloads, stamp: Stamp): Iterable<Buffer> {
  return join(source.body(), [stamp.bytes]);
}

function* join(first: Iterable<Buffer>, second: Iterable<Buffer>): Iterable<Buffer> {
  yield* first;
  yield* second;
}
