import { AppError } from "#core/errors.ts";
import type { Upstream, UpstreamReferrer } from "#core/upstream.ts";
import { hexOf, algorithmOf, parseDigest, type Digest } from "#oci/digest.ts";
import { isMediaType, ociIndex } from "#oci/media-type.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Answer, Ask } from "./ask.ts";
import { jsonOf } from "./json-answer.ts";
import { nextLink } from "./links.ts";
import { wrong } from "./status-fault.ts";

/** Pages of one list at most; a list that leads back to itself ends with it. */
const mostPages = 100;
/** Characters of one list at most, about. */
const mostBytes = 16 * 1024 * 1024;
/** How registries say that they have no such API. */
const noApi = [400, 404, 405, 501];

/**
 * `referrers` of an upstream; distribution-spec "Listing Referrers" and "Unavailable Referrers API".
 * @param base the upstream's URL
 */
export function createReferrers(ask: Ask, base: string): Pick<Upstream, "referrers"> {
  const root = new URL(`${base.replace(/\/+$/, "")}/`);

  /** The page that a Link header names, as a path below the base; throws where it leads elsewhere. */
  function pathOf(link: string, from: string, { asked }: Answer): string {
    const here = new URL(from.slice(1), root);
    const to = URL.canParse(link, here.href) ? new URL(link, here) : undefined;
    const below = `${root.pathname}v2/`;
    if (to === undefined || to.origin !== root.origin || !to.pathname.startsWith(below))
      throw wrong(asked, "its next page lies somewhere else");
    return to.pathname.slice(root.pathname.length - 1) + to.search;
  }

  async function fromTag(repository: RepositoryName, subject: Digest, signal: AbortSignal, what: string) {
    await using answer = await ask({
      ...{ method: "GET", repository, signal, what },
      path: `/v2/${repository}/manifests/${algorithmOf(subject)}-${hexOf(subject)}`,
      headers: { accept: ociIndex },
      good: (status) => status === 200,
    });
    return referrersIn(await jsonOf(answer));
  }

  return {
    async referrers(repository, subject, limit, signal) {
      const what = `the referrers of ${repository}@${subject}`;
      const found: UpstreamReferrer[] = [];
      let bytes = 0;
      let path: string | undefined = `/v2/${repository}/referrers/${subject}`;
      for (
        let pages = 0;
        path !== undefined && pages < mostPages && found.length < limit && bytes < mostBytes;
        pages++
      ) {
        await using answer = await ask({
          ...{ method: "GET", repository, path, what, signal },
          headers: { accept: ociIndex },
          good: (status) => status === 200 || (pages === 0 && noApi.includes(status)),
        });
        if (answer.status !== 200) {
          await answer[Symbol.asyncDispose]();
          return (await orNone(fromTag(repository, subject, signal, what))).slice(0, limit);
        }
        const page = await jsonOf(answer);
        bytes += JSON.stringify(page).length;
        found.push(...referrersIn(page));
        const next = nextLink(answer.headers.link);
        path = next === undefined ? undefined : pathOf(next, path, answer);
      }
      return found.slice(0, limit);
    },
  };
}

async function orNone(list: Promise<UpstreamReferrer[]>): Promise<UpstreamReferrer[]> {
  return await list.catch((error: unknown) => {
    if (error instanceof AppError && error.code === "upstream-unknown") return [];
    throw error;
  });
}

/** The descriptors of an index; what is none is left out. */
function referrersIn({ manifests }: Record<string, unknown>): UpstreamReferrer[] {
  if (!Array.isArray(manifests)) return [];
  return (manifests as unknown[]).flatMap((entry): UpstreamReferrer[] => {
    if (typeof entry !== "object" || entry === null) return [];
    const { mediaType, digest: said, size, artifactType, annotations } = entry as Record<string, unknown>;
    const digest = typeof said === "string" ? parseDigest(said) : undefined;
    if (typeof mediaType !== "string" || !isMediaType(mediaType) || digest === undefined) return [];
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return [];
    return [
      {
        ...{ mediaType, digest, size, annotations: textsIn(annotations) },
        artifactType:
          typeof artifactType === "string" && isMediaType(artifactType) ? artifactType : undefined,
      },
    ];
  });
}

function textsIn(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
