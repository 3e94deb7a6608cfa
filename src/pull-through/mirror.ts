/**
 * Keeps what a mirror names warm: one round over the tags that it covers. What its upstream has no more stays, unless
 * the upstream's own rule purges it.
 */
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { CachedContent, Mirror } from "#core/metadata/cached-content.ts";
import { compileGlob } from "#kit/glob.ts";
import { inParallel } from "#kit/in-parallel.ts";
import { untilAborted } from "#kit/until-aborted.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { isCode } from "./faults.ts";
import type { Fill } from "./fill.ts";
import { isAboutAnother } from "./signature-tags.ts";
import { warmImage } from "./warm.ts";
import type { Brought, WarmProgress, WarmReport } from "./warm-report.ts";

export interface MirrorParts {
  fill: Fill;
  mirrors: Pick<CachedContent, "mirrors" | "mirrorSynced">;
  clock: Clock;
}

export interface MirrorProgress extends WarmProgress {
  /** So many images more are looked at. */
  images(count: number): void;
  /** One is done, with what failed of it. */
  image(name: string, faults: readonly unknown[]): void;
}

export interface MirrorReport {
  name: RepositoryName;
  /** Images that were looked at. */
  images: number;
  failed: { image: string; fault: string }[];
  manifests: Brought;
  blobs: Brought;
  /** That came from the upstream. */
  bytes: number;
  /** For people, in a line; undefined: all is well. */
  fault: string | undefined;
  /** It was changed or removed meanwhile, so the round ended early and nothing was recorded. */
  changed: boolean;
}

/** Images at once. */
const hands = 2;
/** Tags of an upstream that are looked at. */
const mostTags = 200_000;

/** Throws only the signal's reason, with nothing recorded: what came until then is here, and the next round goes on. */
export async function syncMirror(
  { fill, mirrors, clock }: MirrorParts,
  mirror: Mirror,
  progress: MirrorProgress,
  signal: AbortSignal,
): Promise<MirrorReport> {
  const report = emptyReport(mirror.name);
  const asItWas = async () => (await mirrors.mirrors()).find((now) => isSame(now, mirror));

  async function image(tag: Tag, wanted: Parameters<typeof warmImage>[3]): Promise<void> {
    signal.throwIfAborted();
    report.changed ||= (await asItWas()) === undefined;
    if (report.changed) return;
    const warmed = await warmImage(fill, mirror.name, tag, wanted, progress, signal);
    const name = `${mirror.name}:${tag}`;
    addTo(report, warmed);
    const fault = faultOf(warmed);
    if (fault !== undefined) report.failed.push({ image: name, fault });
    progress.image(name, warmed.faults);
  }

  try {
    const { tags, aboutOthers } = await untilAborted(tagsOf(fill, mirror, signal), signal);
    if (tags.length === 0) report.fault = `no tag of ${mirror.name} matches ${mirror.tags.join(", ")}`;
    progress.images(tags.length);
    const { platforms, referrers } = mirror;
    const wanted = { platforms, referrers, ...(aboutOthers === undefined ? {} : { aboutOthers }) };
    await inParallel(tags, hands, (tag) => image(tag, wanted));
  } catch (error) {
    signal.throwIfAborted();
    report.fault = wordsOf(error);
  }
  report.fault ??= failedInWords(report);
  const recorded = await mirrors.mirrorSynced({ ...mirror, syncedAt: clock(), fault: report.fault });
  report.changed = !recorded;
  return report;
}

export function emptyReport(name: RepositoryName): MirrorReport {
  return {
    name,
    images: 0,
    failed: [],
    manifests: { fetched: 0, had: 0 },
    blobs: { fetched: 0, had: 0 },
    bytes: 0,
    fault: undefined,
    changed: false,
  };
}

/** Whether the same is to be kept warm; how the last round ended isn't part of it. */
function isSame(one: Mirror, other: Mirror): boolean {
  const facts = ({ name, tags, platforms, referrers, every }: Mirror) =>
    JSON.stringify([name, tags, platforms, referrers, every]);
  return facts(one) === facts(other);
}

const isPattern = (glob: string) => /[*?]/.test(glob);

/** The tags to bring. Written out ones are taken as they are, the others from the upstream's list. */
async function tagsOf(
  fill: Fill,
  { name, tags: globs }: Mirror,
  signal: AbortSignal,
): Promise<{ tags: Tag[]; aboutOthers: Set<string> | undefined }> {
  const tags = new Set(globs.filter((glob) => !isPattern(glob)) as Tag[]);
  const patterns = globs.filter(isPattern).map(compileGlob);
  if (patterns.length === 0) return { tags: [...tags], aboutOthers: undefined };
  const aboutOthers = new Set<string>();
  let seen = 0;
  for await (const tag of fill.tags(name)) {
    signal.throwIfAborted();
    if (++seen > mostTags)
      throw new AppError("upstream-wrong", `${name} has more than ${mostTags} tags: name those to mirror`);
    if (isAboutAnother(tag)) aboutOthers.add(tag);
    else if (patterns.some((matches) => matches(tag))) tags.add(tag);
  }
  return { tags: [...tags], aboutOthers };
}

function addTo(report: MirrorReport, { manifests, blobs, bytes }: WarmReport): void {
  report.images++;
  report.bytes += bytes;
  for (const how of ["fetched", "had"] as const) {
    report.manifests[how] += manifests[how];
    report.blobs[how] += blobs[how];
  }
}

function faultOf({ faults: [first, ...more], leftOut }: WarmReport): string | undefined {
  if (first !== undefined)
    return more.length === 0 ? wordsOf(first) : `${wordsOf(first)} (and ${more.length} more)`;
  return leftOut === 0 ? undefined : `${leftOut} manifests were left out: too many belong to it`;
}

function failedInWords({ failed: [first, ...more], images }: MirrorReport): string | undefined {
  if (first === undefined) return undefined;
  return `${more.length + 1} of ${images} images failed: ${first.image}: ${first.fault}`;
}

function wordsOf(error: unknown): string {
  if (isCode(error, "repository-unknown"))
    return `${(error as AppError).message}; is its upstream configured?`;
  return error instanceof AppError ? error.message : `an internal fault: ${String(error)}`;
}
