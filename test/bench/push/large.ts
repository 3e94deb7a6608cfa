import type { PushJob } from "./job.ts";
import { chunk, payloads, type Payloads, type Stamp } from "./payload.ts";
import { expectStatus, requests, type Requests } from "./requests.ts";
import type { Wire } from "./wire.ts";

const octets = "Content-Type: application/octet-stream";

/** Large blobs from one shared buffer: in the PUT, or in one PATCH or several before an empty PUT. */
export function largePushes(job: PushJob): (wire: Wire, _: number, restart: () => void) => Promise<string> {
  const source = payloads(job.size);
  const words = requests(job.host, job.port);
  const target = `/v2/${job.repository}/blobs/uploads/`;
  const post = words.head("POST", target, "Content-Length: 0");
  return async (wire, _, restart) => {
    const stamp = source.next();
    const request = async (parts: Iterable<Buffer>, status: number, what: string) => {
      const answer = expectStatus(await wire.request(parts), status, what);
      if (job.reconnect === true) wire[Symbol.dispose]();
      return answer;
    };
    let last = await request([post], 202, `POST ${target}`);
    let asked = target;
    for (const patch of patches(job, source, stamp)) {
      asked = words.follow(last, asked);
      last = await request(patch(words, asked), 202, `PATCH ${asked}`);
    }
    const put = words.follow(last, asked, `digest=${stamp.digest}`);
    const length = job.kind === "monolithic" ? job.size : 0;
    const head = words.head("PUT", put, octets, `Content-Length: ${length}`);
    const body = job.kind === "monolithic" ? wholeBody(source, stamp) : [];
    if (job.timed === "put") restart();
    await request(join([head], body), 201, `PUT ${put}`);
    return stamp.digest;
  };
}

type Parts = (words: Requests, target: string) => Iterable<Buffer>;

function patches(job: PushJob, source: Payloads, stamp: Stamp): Iterable<Parts> {
  if (job.kind === "monolithic") return [];
  if (job.kind === "pieces") return inPieces(job.piece ?? job.size, source, stamp);
  return [job.kind === "patch" ? withLength(job, source, stamp) : inChunks(source, stamp)];
}

function* inPieces(size: number, source: Payloads, stamp: Stamp): Iterable<Parts> {
  let piece: Buffer[] = [];
  let from = 0;
  let to = 0;
  for (const slice of wholeBody(source, stamp)) {
    piece.push(slice);
    to += slice.length;
    if (to - from < size && slice !== stamp.bytes) continue;
    const fields = [octets, `Content-Range: ${from}-${to - 1}`, `Content-Length: ${to - from}`];
    const body = piece;
    yield (words, target) => join([words.head("PATCH", target, ...fields)], body);
    [piece, from] = [[], to];
  }
}

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
