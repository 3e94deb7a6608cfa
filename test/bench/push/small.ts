import type { PushJob } from "./job.ts";
import { payloads, type Stamp } from "./payload.ts";
import { expectStatus, requests } from "./requests.ts";
import type { Wire } from "./wire.ts";

/** Room in front of the bytes for the PUT's head, so that both go out in one write. */
const headRoom = 4096;

/** POST, then PUT with the whole blob. All digests are computed before the first push. */
export function smallPushes(job: PushJob): (wire: Wire, connection: number) => Promise<string> {
  const source = payloads(job.size);
  const phases = job.warmup > 0 ? 2 : 1;
  const stamps: Stamp[] = Array.from({ length: (job.most + job.connections) * phases }, () => source.next());
  const { head, follow } = requests(job.host, job.port);
  const target = `/v2/${job.repository}/blobs/uploads/`;
  const post = head("POST", target, "Content-Length: 0");
  const common = Buffer.concat([...source.body()]);
  const buffers = Array.from({ length: job.connections }, () =>
    Buffer.concat([Buffer.alloc(headRoom), common, Buffer.alloc(job.size - common.length)]),
  );
  return async (wire, connection) => {
    const stamp = stamps.pop();
    const buffer = buffers[connection];
    if (stamp === undefined || buffer === undefined) throw new Error("too few blobs were prepared");
    const begun = expectStatus(await wire.request([post]), 202, `POST ${target}`);
    const put = follow(begun, target, `digest=${stamp.digest}`);
    const putHead = head("PUT", put, "Content-Type: application/octet-stream", `Content-Length: ${job.size}`);
    if (putHead.length > headRoom) throw new Error(`the Location of an upload is too long: ${put}`);
    putHead.copy(buffer, headRoom - putHead.length);
    stamp.bytes.copy(buffer, buffer.length - stamp.bytes.length);
    expectStatus(await wire.request([buffer.subarray(headRoom - putHead.length)]), 201, `PUT ${put}`);
    return stamp.digest;
  };
}
