import type { PushJob } from "./job.ts";
import { expectStatus, requests } from "./requests.ts";
import type { Wire } from "./wire.ts";

/** Mounts each of the job's blobs into one new repository after the other. */
export function mounts(job: PushJob): (wire: Wire) => Promise<string> {
  const blobs = job.blobs ?? [];
  const { head } = requests(job.host, job.port);
  let count = 0;
  return async (wire) => {
    const number = count++;
    const digest = blobs[number % blobs.length];
    if (digest === undefined || job.from === undefined) throw new Error("a mount job needs blobs and from");
    const target = `/v2/${job.repository}-${Math.floor(number / blobs.length)}/blobs/uploads/?mount=${digest}&from=${job.from}`;
    expectStatus(await wire.request([head("POST", target, "Content-Length: 0")]), 201, `POST ${target}`);
    return digest;
  };
}
