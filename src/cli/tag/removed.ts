import { listRemovedTags } from "#app/verbs/tags.ts";
import { day, printJson, printTable } from "../accounts/account-table.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT } from "../io.ts";
import { plainText } from "../terminal/plain-text.ts";
import { repositoryNamed } from "./tag-named.ts";

/** `berth tag removed [REPOSITORY]`. */
export const removed: ConfigVerb = {
  operands: ["[REPOSITORY]"],
  flags: { json: { type: "boolean" } },
  prepare({ operands, flags, io }) {
    const repository = operands[0] === undefined ? undefined : repositoryNamed(operands[0]);
    return async (config) => {
      const found = await listRemovedTags(config, repository);
      const tags = found.map(({ id, repository, name, digest, removedAt, until, removedBy, rule }) => ({
        ...{ id, repository, name, digest, removed_at: new Date(removedAt).toISOString() },
        ...{ until: new Date(until).toISOString(), removed_by: removedBy, rule },
      }));
      if (flags.has("json")) {
        printJson({ tags }, io);
        return EXIT.ok;
      }
      printTable(
        ["ID", "TAG", "REMOVED", "BY", "BACK UNTIL"],
        tags.map(({ id, repository, name, removed_at, until, removed_by, rule }) => [
          ...[String(id), `${repository}:${name}`, day(removed_at)],
          ...[plainText(remover(removed_by, rule)), day(until)],
        ]),
        "no removed tags that can come back",
        io,
      );
      return EXIT.ok;
    };
  },
};

/** What removes by itself is known by its rule, shortly: "rule builds", "garbage collection". */
function remover(by: string, rule: string): string {
  return rule !== "" && (by === "retention" || by === "somebody")
    ? rule.replace(/^retention rule /, "rule ")
    : by;
}
