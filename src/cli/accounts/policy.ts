import { readAccount } from "#app/open/open-metadata.ts";
import { identityOf, isUsable } from "#auth/identity.ts";
import { policyOf } from "#app/settings.ts";
import type { Config } from "#config/config.ts";
import { didYouMean } from "#config/nearest-name.ts";
import { actions, anonymous, open, type Action, type Caller, type Identity } from "#core/caller.ts";
import { parseRepositoryName, parseTag } from "#oci/reference.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { configFileName, readConfig } from "../read-config.ts";
import { UsageError } from "../usage-error.ts";

/** Not allowed; failures have 1, so that a script can tell them apart. */
const DENIED = 3;

/** `berth policy test WHO REPOSITORY ACTION`. */
export async function policy(argv: readonly string[], io: Io): Promise<number> {
  const { config: file, data } = CONFIG_FLAGS;
  const specs = { config: file, data, tag: { type: "string" }, json: { type: "boolean" } } as const;
  const [verb = "", ...rest] = argv;
  if (verb === "--help" || verb === "-h") return await printHelp(["policy"], io);
  if (verb !== "test") throw new UsageError(`say what to do: there is berth policy test`);
  const { flags, operands } = parseArguments(rest, specs, ["WHO", "REPOSITORY", "ACTION"]);
  if (flags.has("help")) return await printHelp(["policy"], io);
  const [who = "", name = "", word = ""] = operands;
  const repository = parseRepositoryName(name);
  if (repository === undefined) throw new UsageError(`"${name}" is not the name of a repository`);
  const action = actions.find((one) => one === word);
  if (action === undefined)
    throw new UsageError(
      `"${word}" is no action${didYouMean(word, actions) || `; there are ${actions.join(", ")}`}`,
    );
  const tagText = flags.get("tag")?.[0];
  const tag = tagText === undefined ? undefined : parseTag(tagText);
  if (tagText !== undefined && tag === undefined) throw new UsageError(`"${tagText}" is not a tag`);

  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  if (config.auth === undefined && configFileName(flags, io) === undefined)
    io.stderr.write("berth: without --config nothing is known of the server's rules\n");
  const asked = { who, repository, action, tag };
  const answer = await decide(config, asked);
  io.stdout.write(
    flags.has("json") ? `${JSON.stringify({ ...asked, ...answer })}\n` : sentence(asked, answer),
  );
  return answer.allowed ? EXIT.ok : DENIED;
}

interface Asked {
  who: string;
  repository: string;
  action: Action;
  tag: string | undefined;
}

interface Answer {
  allowed: boolean;
  rule: string;
  /** The pattern that makes the tag immutable; undefined without a tag or a pattern. */
  immutable: string | undefined;
}

async function decide(config: Config, { who, repository, action, tag }: Asked): Promise<Answer> {
  const rules = policyOf(config);
  const immutable = tag === undefined ? undefined : rules.immutable(repository, tag);
  const mode = config.auth?.mode ?? "none";
  if (mode === "none") return { allowed: true, rule: "auth is off", immutable };
  if (mode === "outside")
    return { allowed: false, rule: "the outside token server decides, not the rules", immutable };
  const found = await identity(config, who);
  if ("why" in found) return { allowed: false, rule: found.why, immutable };
  const caller: Caller = { ...open, ...found };
  const decision = rules.allows(caller, repository, action);
  const upstream = config.upstreams.find(({ name }) => repository.startsWith(`${name}/`));
  if (upstream?.push === "deny" && (action === "push" || action === "overwrite"))
    return { allowed: false, rule: `upstream ${upstream.name}: push is deny`, immutable };
  if (immutable !== undefined && (action === "overwrite" || action === "delete"))
    return { allowed: false, rule: immutable, immutable };
  return { ...decision, immutable };
}

/** Who that would be now, or why nobody can be it. */
async function identity(config: Config, who: string): Promise<Identity | { why: string }> {
  const nobody = { id: undefined, admin: false, groups: [], rights: [] };
  if (who === "anonymous") return anonymous;
  const [, kind, rest = ""] = /^(user|robot|group|workload):(.+)$/.exec(who) ?? [];
  if (kind === "group") return { ...nobody, kind: "user", name: "", groups: [rest] };
  if (kind === "workload") return { ...nobody, kind: "workload", name: rest };
  const name = kind === undefined ? who : rest;
  const account = await readAccount(config, name);
  if (account !== undefined)
    return isUsable(account, Date.now()) ? identityOf(account) : { why: `${name} is disabled or expired` };
  // Users of the htpasswd file have a name and nothing else.
  if (config.auth?.passwords.htpasswd !== undefined) return { ...nobody, kind: "user", name };
  return { why: `there is no account ${name}` };
}

function sentence({ who, repository, action, tag }: Asked, { allowed, rule, immutable }: Answer): string {
  const more =
    tag === undefined ? "" : immutable === undefined ? `; ${tag} is not immutable` : `; ${tag} is immutable`;
  return `${allowed ? "allow" : "deny"}: ${who} ${action} ${repository} (${rule}${more})\n`;
}
