import { readLoad } from "../load/clients.ts";
import type { Measurement } from "../measurement.ts";
import type { RunningServer } from "../servers/server.ts";
import { mebibyte } from "../settings.ts";
import { measured, onRunning } from "./on-running.ts";
import { ask, manifestType, seedImage } from "./registry-api.ts";
import { LeftOut, needsRegistry, type Bout, type Row, type Workload } from "./workload.ts";

const pageSize = 100;
/** Tags of one PUT (`?tag=` many times, distribution-spec 1.1+dev); zot takes up to 46. */
const tagsPerPut = 40;
/** ms; some registries get slower with each tag. */
const seedLimit = 120_000;

/** The first and the last page of one repository: 1 and 1,000 at 100,000 tags. */
export const tagPages: Workload = {
  rows: [
    { name: "tag-page-first", title: "tag list, page 1 of 1,000, c=8", unit: "/s" },
    { name: "tag-page-last", title: "tag list, page 1,000 of 1,000, c=8", unit: "/s" },
  ],
  leavesOut: needsRegistry,
  disk: (settings) => settings.tags * 24 * 1024 + 64 * mebibyte,
  measure: (bout) =>
    onRunning(bout, async (running) => {
      const tags = Array.from({ length: bout.settings.tags }, (_, i) => `tag-${String(i).padStart(6, "0")}`);
      await seedTags(bout, running, tags);
      const list = `/v2/${bout.repository}/tags/list?n=${pageSize}`;
      const before = tags.at(-pageSize - 1) ?? "";
      const pages = [
        { path: list, tags: tags.slice(0, pageSize) },
        { path: `${list}&last=${before}`, tags: tags.slice(-pageSize) },
      ];
      const measurements: Measurement[] = [];
      for (const [i, page] of pages.entries()) {
        await expectPage(running, page.path, page.tags);
        measurements.push(await read(bout, running, page.path, tagPages.rows[i]));
      }
      return measurements;
    }),
};

async function seedTags(bout: Bout, running: RunningServer, tags: readonly string[]): Promise<void> {
  const first = tags[0] ?? "";
  const image = await seedImage(running, bout.repository, first);
  const body = { type: manifestType, bytes: image.bytes };
  const until = performance.now() + seedLimit;
  for (let at = 0; at < tags.length; at += tagsPerPut) {
    bout.signal.throwIfAborted();
    if (performance.now() > until)
      throw new LeftOut(
        `took ${at} of ${tags.length} tags in ${seedLimit / 1000} s: the rest would take too long`,
      );
    const some = tags.slice(at, at + tagsPerPut);
    const query = some.map((tag) => `tag=${tag}`).join("&");
    const target = `/v2/${bout.repository}/manifests/${image.digest}?${query}`;
    const { headers } = await ask(running, "PUT", target, [201], body);
    if (headers.get("oci-tag") !== null) continue;
    if (running.plantTags === undefined)
      throw new LeftOut("takes one tag a PUT, and 100,000 PUTs take too long");
    // A few first, because an old registry shows only then that it has no pages.
    const few = tags.slice(0, 2 * pageSize);
    await running.plantTags(bout.repository, image.digest, few);
    await expectPage(running, `/v2/${bout.repository}/tags/list?n=${pageSize}`, few.slice(0, pageSize));
    await running.plantTags(bout.repository, image.digest, tags.slice(few.length));
    return;
  }
}

async function expectPage(running: RunningServer, path: string, tags: readonly string[]): Promise<void> {
  const { body } = await ask(running, "GET", path, [200]);
  const got = (JSON.parse(body.toString("utf8")) as { tags?: string[] }).tags ?? [];
  if (got.length > pageSize) throw new LeftOut(`ignores n=${pageSize}`);
  if (got.join() !== tags.join()) {
    throw new Error(
      `GET ${path} listed ${got.length} tags from ${got[0]} instead of ${tags.length} from ${tags[0]}`,
    );
  }
}

async function read(
  bout: Bout,
  running: RunningServer,
  path: string,
  row: Row | undefined,
): Promise<Measurement> {
  const { warmup, seconds } = bout.settings;
  const job = {
    host: running.host,
    port: running.port,
    method: "GET" as const,
    paths: [path],
    headers: {},
    connections: 8,
    warmup,
    seconds,
  };
  const tools = { wrk: bout.wrk, folder: bout.folder, large: false };
  return await measured(bout, running, row?.unit ?? "/s", () => readLoad(job, tools, bout.signal));
}
