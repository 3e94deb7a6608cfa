import type { Caller } from "#core/caller.ts";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import { overQuota } from "#core/metadata/over-quota.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { OverQuota, QuotaFact, Usage } from "#core/metadata/usage.ts";
import { sizeText } from "#kit/size-text.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Quotas } from "./quotas.ts";
import type { UploadBody } from "./upload-body.ts";

/** The quotas that pushes are under. */
export interface QuotaGate {
  /** Undefined: this one is under none, and nothing was asked. */
  of(caller: Caller, repository: RepositoryName): PushQuotas | undefined;
}

/** Those of one push. What is asked here beforehand spares bytes; what counts is the transaction with `facts`. */
export interface PushQuotas {
  readonly facts: readonly QuotaFact[];
  /**
   * Throws over-quota where a blob of so many bytes (undefined: any) can't fit now. @param digest of the blob, where it
   * is known: one that the repository has adds nothing
   */
  admit(size: number | undefined, digest?: Digest): Promise<void>;
  /** The body, which ends with over-quota where more comes than fits now. @param before bytes that came already */
  bound(body: UploadBody, before: number, digest?: Digest): Promise<UploadBody>;
  /**
   * Takes back what the push has brought already; then it throws over-quota.
   * @param digests of what it brought, where that is known: another push of the same account may be under way
   */
  refuse(over: OverQuota, digests?: readonly Digest[]): Promise<never>;
}

export interface QuotaGateParts {
  quotas: Live<Quotas>;
  usage: Pick<Usage, "used" | "takeBack">;
  repositories: Pick<Repositories, "blob">;
  clock: Clock;
}

/** What is known of a blob beside how many bytes it adds, or of which they are a part. */
interface Known {
  atLeast: boolean;
  digest: Digest | undefined;
}

/** No push takes longer: what the account brought before is another's, which may be under way still. */
const onePush = 3_600_000;

export function createQuotaGate({ quotas, usage, repositories, clock }: QuotaGateParts): QuotaGate {
  function pushQuotas(caller: Caller, repository: RepositoryName, facts: readonly QuotaFact[]): PushQuotas {
    async function room(): Promise<{ bytes: number; quota: QuotaFact; used: number }[]> {
      const limited = facts.filter(({ bytes }) => bytes !== undefined);
      return Promise.all(
        limited.map(async (quota) => {
          const { bytes: used } = await usage.used(quota.scope);
          return { bytes: (quota.bytes ?? 0) - used, quota, used };
        }),
      );
    }

    const isThere = async (digest: Digest | undefined) =>
      digest !== undefined && (await repositories.blob(repository, digest)) !== undefined;

    async function refuse(over: OverQuota, digests?: readonly Digest[]): Promise<never> {
      const now = clock();
      // What can't be taken back now, garbage collection takes.
      await usage.takeBack(repository, caller.id, now - onePush, now, digests).catch(() => undefined);
      throw overQuotaFault(repository, over);
    }

    const admit = (size: number | undefined, digest?: Digest) =>
      fits(size ?? 1, { atLeast: size === undefined, digest });

    async function fits(adding: number, { atLeast, digest }: Known): Promise<void> {
      for (const { quota, used } of await room()) {
        const over = overQuota(quota, { bytes: used, tags: 0 }, { bytes: adding, brought: adding, tags: 0 });
        if (over === undefined) continue;
        if (await isThere(digest)) return;
        await refuse({ ...over, atLeast });
      }
    }

    async function* counted(
      chunks: AsyncIterable<Uint8Array>,
      before: number,
      least: { bytes: number; quota: QuotaFact; used: number },
    ): AsyncGenerator<Uint8Array> {
      let size = before;
      for await (const chunk of chunks) {
        size += chunk.length;
        const { quota, used, bytes } = least;
        if (size > bytes)
          await refuse({
            quota,
            what: "bytes",
            used,
            allowed: quota.bytes ?? 0,
            adding: size,
            atLeast: true,
          });
        yield chunk;
      }
    }

    return {
      facts,
      admit,
      refuse,

      async bound(body, before, digest) {
        if (body.length !== undefined) {
          // Without a digest it is a part of a blob, and others may follow.
          await fits(before + body.length, { atLeast: digest === undefined, digest });
          return body;
        }
        const [least] = (await room()).sort((a, b) => a.bytes - b.bytes);
        if (least === undefined || (await isThere(digest))) return body;
        return { ...body, chunks: counted(body.chunks, before, least) };
      },
    };
  }

  return {
    of(caller, repository) {
      if (quotas.current.none) return undefined;
      const facts = quotas.current.facts(caller, repository);
      return facts.length === 0 ? undefined : pushQuotas(caller, repository, facts);
    },
  };
}

export function isOverQuota(error: unknown): boolean {
  return error instanceof AppError && error.code === "over-quota";
}

/** The refusal, with how much is used and allowed. */
export function overQuotaFault(repository: RepositoryName, over: OverQuota): AppError {
  const { quota, what, used, allowed, adding, atLeast = false } = over;
  const words = (count: number) =>
    what === "bytes" ? sizeText(count) : `${count} tag${count === 1 ? "" : "s"}`;
  const amount = what === "bytes" ? words(allowed) : String(allowed);
  const message =
    `${repository} is over the quota ${quota.name}: ${what === "bytes" ? words(used) : used} of ${amount} ` +
    `${what === "bytes" ? "" : "tags "}are used, and ${what === "bytes" ? bytesText(over) : `this would add ${words(adding)}`}. ` +
    "Delete what nobody needs, or ask who runs the registry for more";
  return new AppError("over-quota", message, {
    subject: repository,
    detail: {
      quota: quota.name,
      of: what,
      used,
      allowed,
      adding,
      ...(atLeast ? { at_least: true } : {}),
      words: { used: words(used), allowed: words(allowed), adding: words(adding) },
    },
  });
}

/** Sizes for people are rounded: those that only just don't fit may never read as if they did. */
function bytesText({ used, allowed, adding, atLeast = false }: OverQuota): string {
  const left = Math.max(0, allowed - used);
  if (left === 0) return atLeast ? "nothing is left" : `this would add ${sizeText(adding)}`;
  if (sizeText(adding) === sizeText(left))
    return `this would add more than the ${sizeText(left)} that are left`;
  const more = `${atLeast ? "at least " : ""}${sizeText(adding)}`;
  return `this would add ${more}, which is more than the ${sizeText(left)} that are left`;
}
