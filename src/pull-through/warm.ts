import { parsePlatform, type Platform } from "#oci/platform.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { isCode } from "./faults.ts";
import type { Fill } from "./fill.ts";
import { signatureTags } from "./signature-tags.ts";
import { untilAborted } from "#kit/until-aborted.ts";
import type { WarmProgress, WarmReport, WarmWanted } from "./warm-report.ts";
import { createWarming, type Wanted, type Warming } from "./warming.ts";

/** What refers to what refers to what … refers to the image. */
const longestChain = 3;

/**
 * Brings an image from its upstream: its manifest, of an index the children for these platforms, configs and layers,
 * and what refers to them where that is wanted. What is here already isn't fetched again.
 * Faults of its pieces, and its own, are in the report. Throws the signal's reason when it is aborted (a fetch that is
 * under way then goes on unheard), storage-full and storage-failed.
 */
export async function warmImage(
  fill: Fill,
  repository: RepositoryName,
  reference: Digest | Tag,
  wanted: WarmWanted,
  progress: WarmProgress,
  signal: AbortSignal,
): Promise<WarmReport> {
  const children = { platforms: wanted.platforms.map(platformNamed), attestations: wanted.referrers };
  const warming = createWarming({ fill, repository, children, progress, signal });
  // First the image alone: it is what clients wait for.
  let subjects = await warming.bring([{ reference }]);
  if (!wanted.referrers) return warming.report;
  let tags: readonly Wanted[] = subjects
    .flatMap(signatureTags)
    .filter((tag) => wanted.aboutOthers?.has(tag) !== false)
    .map((tag) => ({ reference: tag, optional: true }));
  for (let chain = 0; chain < longestChain && subjects.length > 0; chain++) {
    const referrers = await referrersOf(subjects, warming, fill, repository, signal);
    subjects = await warming.bring([...referrers, ...tags]);
    tags = [];
  }
  return warming.report;
}

async function referrersOf(
  subjects: readonly Digest[],
  warming: Warming,
  fill: Fill,
  repository: RepositoryName,
  signal: AbortSignal,
): Promise<Wanted[]> {
  const found: Wanted[] = [];
  await warming.each(subjects, async (subject) => {
    try {
      const list = await untilAborted(fill.referrers(repository, subject), signal);
      found.push(...list.map(({ digest }) => ({ reference: digest })));
    } catch (error) {
      if (!isCode(error, "upstream-unknown")) throw error;
    }
  });
  return found;
}

/** They were checked where somebody wrote them. */
function platformNamed(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform === undefined) throw new Error(`"${text}" is not a platform`);
  return platform;
}
