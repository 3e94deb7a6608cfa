import { publicName } from "#core/cached-name.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { ScrubParts } from "./scrub-parts.ts";
import type { ScrubWriter } from "./scrub-report.ts";

/** Links of one read. */
const page = 500;
/** Bytes that a link counts for where reading is held down. */
const linkBytes = 256;

/** Whether metadata's own facts of a repository agree: its links, their marks, and what is counted of it. */
export async function scrubFacts(
  { checks, clock, repair, pace, signal, countedLinks }: ScrubParts,
  repository: RepositoryName,
  writer: ScrubWriter,
): Promise<void> {
  const of = [publicName(repository)];
  const found = (why: string) => writer.found({ kind: "fact", digest: undefined, why, of });
  const wrong = { marks: 0, lost: 0 };
  let looked = 0;
  for (let after: number | undefined; ;) {
    const links = await checks.links(repository, after, page);
    const lost = links.filter(({ blob }) => blob === undefined).map(({ id }) => id);
    const marks = links.filter(({ blob, marked }) => blob !== undefined && marked === "wrong");
    const ids = [...lost, ...marks.map(({ id }) => id)];
    looked += links.length;
    wrong.lost += lost.length;
    wrong.marks += marks.length;
    if (repair && ids.length > 0) await checks.mendLinks(repository, ids, clock());
    after = links.at(-1)?.id;
    if (links.length < page) break;
    await pace.take(links.length * linkBytes, signal);
  }
  if (wrong.lost > 0) {
    const fault = found(`has ${counted(wrong.lost, "link")} to blobs that have no row`);
    if (repair) writer.repaired(fault, "taken away");
  }
  if (wrong.marks > 0) {
    const fault = found(
      `has ${counted(wrong.marks, "link")} with a wrong mark of whether a manifest names it`,
    );
    if (repair) writer.repaired(fault, "set right");
  }
  if (looked > countedLinks) return;
  const usage = await checks.usage(repository);
  if (usage === undefined) return;
  const { counted: says, real } = usage;
  const fault = found(
    `is counted as ${says.bytes} bytes, ${says.blobs} blobs, ${says.manifests} manifests, ${says.tags} tags; ` +
      `they are ${real.bytes}, ${real.blobs}, ${real.manifests}, ${real.tags}`,
  );
  if (!repair) return;
  await checks.mendUsage(repository);
  writer.repaired(fault, "set right");
}

/** Whether what is counted of accounts is what they brought. */
export async function scrubOwners(
  { checks, repair }: Pick<ScrubParts, "checks" | "repair">,
  writer: ScrubWriter,
): Promise<void> {
  const owners = await checks.wrongOwners();
  if (owners.length === 0) return;
  const fault = writer.found({
    kind: "fact",
    digest: undefined,
    why: `something else is counted of ${counted(owners.length, "account")} than they brought`,
    of: owners.slice(0, 20).map((id) => `account ${id}`),
  });
  if (!repair) return;
  await checks.mendOwners();
  writer.repaired(fault, "set right");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
