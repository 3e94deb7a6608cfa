import { z } from "zod";
import { keyFacts, oneOrMore } from "./fields.ts";
import { parseRepositoryGlob } from "./globs.ts";
import type { QuotaConfig } from "./quotas-config.ts";
import { formatSize } from "./size.ts";
import * as values from "./values.ts";
import { parseWho } from "./who.ts";

const item = z
  .strictObject({
    name: values.text().optional(),
    repositories: oneOrMore(values.reading(parseRepositoryGlob)).optional(),
    per: values.word(["all", "repository", "user"]).prefault("all"),
    users: oneOrMore(values.reading(parseWho)).optional(),
    bytes: values.size("1B", "1024TiB").optional(),
    tags: values.wholeNumber(0, 1_000_000_000).optional(),
  })
  .transform(({ name, repositories, per, users = [], bytes, tags }, context): QuotaConfig => {
    const fault = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [key], message });
    if (bytes === undefined && tags === undefined)
      fault("bytes", "is missing, and so is tags: write how much there may be, such as 10GiB");
    if (per === "user" && repositories !== undefined)
      fault("repositories", "is of no use with per: user, which counts what an account brought anywhere");
    if (per !== "user" && users.length > 0)
      fault("users", `is of no use with per: ${per}: write per: user, and each of them has so much`);
    if (users.includes("anonymous"))
      fault("users", "names anonymous: who has no account can't have a quota; limit the repositories");
    return { name, repositories: per === "user" ? [] : (repositories ?? ["**"]), per, users, bytes, tags };
  });

/** The `quotas` list. */
export const quotasSchema = z
  .array(item)
  .superRefine((quotas, context) => {
    const names = quotas.map(({ name }) => name);
    for (const [at, name] of names.entries()) {
      const first = names.indexOf(name);
      if (name !== undefined && first < at)
        context.addIssue({
          code: "custom",
          path: [at, "name"],
          message: `${name} is the name of quotas[${first}] already`,
        });
    }
  })
  .prefault([])
  .register(keyFacts, {
    list: true,
    items: ["name", "repositories", "per", "users", "bytes", "tags"],
    show: (quotas: QuotaConfig[]) => quotas.map(shown),
  });

/** As the file would spell it. */
function shown({ name, repositories, per, users, bytes, tags }: QuotaConfig): Record<string, unknown> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(per === "user" ? {} : { repositories }),
    per,
    ...(users.length === 0 ? {} : { users }),
    ...(bytes === undefined ? {} : { bytes: formatSize(bytes) }),
    ...(tags === undefined ? {} : { tags }),
  };
}
