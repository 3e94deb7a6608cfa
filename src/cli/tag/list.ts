import { listTags, type ListedTag } from "#app/verbs/tags.ts";
import { day, printJson, printTable } from "../accounts/account-table.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT } from "../io.ts";
import { repositoryNamed } from "./tag-named.ts";

/** `berth tag list REPOSITORY`. */
export const list: ConfigVerb = {
  operands: ["REPOSITORY"],
  flags: { json: { type: "boolean" } },
  prepare({ operands, flags, io }) {
    const repository = repositoryNamed(operands[0] ?? "");
    return async (config) => {
      const tags = (await listTags(config, repository)).map(tagJson);
      if (flags.has("json")) {
        printJson({ repository, tags }, io);
        return EXIT.ok;
      }
      printTable(
        ["TAG", "DIGEST", "SET", "PULLED", "PULLS", "STAYS"],
        tags.map(({ name, digest, set_at, pulled_at, pulls, pinned, immutable }) => [
          ...[name, digest.slice(0, 19), day(set_at), day(pulled_at), String(pulls)],
          [...(pinned ? ["pinned"] : []), ...(immutable === null ? [] : ["immutable"])].join(", ") || "-",
        ]),
        `${repository} has no tags`,
        io,
      );
      return EXIT.ok;
    };
  },
};

/** A tag for machines: times in ISO 8601, null where there is none. */
function tagJson({ name, digest, mediaType, updatedAt, pulledAt, pulls, pinned, immutable }: ListedTag) {
  return {
    ...{ name, digest, media_type: mediaType, set_at: new Date(updatedAt).toISOString() },
    pulled_at: pulledAt === undefined ? null : new Date(pulledAt).toISOString(),
    ...{ pulls, pinned, immutable: immutable ?? null },
  };
}
