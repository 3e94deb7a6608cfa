import type { UsageReport } from "#app/verbs/usage.ts";
import type { QuotaOf, QuotaUse } from "#registry/usage.ts";
import { columns } from "../engine/columns.ts";
import { sizeText } from "../terminal/size-text.ts";
import { sumOf } from "./sum-of.ts";

/** The report for people. */
export function usageText({ repositories, all }: UsageReport): string {
  const parts = [repositoryTable(repositories)];
  if (all !== undefined) {
    if (all.cachedBytes > 0) parts.push(`cached of upstreams: ${sizeText(all.cachedBytes)}\n`);
    if (all.quotas.length > 0)
      parts.push(columns(["QUOTA", "OF", "BYTES", "TAGS", "FULL"], all.quotas.map(quotaRow)));
    if (all.accounts.length > 0)
      parts.push(
        columns(
          ["ACCOUNT", "BROUGHT", "TAGS"],
          all.accounts.map(({ name, removed, bytes, tags }) => [
            removed ? `${name} (removed)` : name,
            sizeText(bytes),
            String(tags),
          ]),
        ),
      );
  }
  return parts.join("\n");
}

function repositoryTable(repositories: UsageReport["repositories"]): string {
  if (repositories.length === 0) return "nothing is stored yet\n";
  const row = (name: string, of: ReturnType<typeof sumOf>) => [
    name,
    String(of.tags),
    sizeText(of.bytes),
    sizeText(of.ownBytes),
    sizeText(of.sharedBytes),
    sizeText(of.unreferencedBytes),
  ];
  const rows = repositories.map((repository) => row(repository.name, repository));
  const sum = sumOf(repositories);
  const many = repositories.length > 1 ? [row(`${repositories.length} repositories`, sum)] : [];
  return columns(["REPOSITORY", "TAGS", "BYTES", "OWN", "SHARED", "FREED BY GC"], [...rows, ...many]);
}

function quotaRow({ name, of, used, bytes, tags, share }: QuotaUse): string[] {
  return [
    name,
    ofText(of),
    bytes === undefined ? "-" : `${sizeText(used.bytes)} of ${sizeText(bytes)}`,
    tags === undefined ? "-" : `${used.tags} of ${tags}`,
    `${Math.floor(share * 100)}%`,
  ];
}

function ofText(of: QuotaOf): string {
  return of.kind === "repositories" ? of.globs.join(", ") : of.name;
}
