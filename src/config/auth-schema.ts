import { z } from "zod";
import { keyFacts, oneOrMore, section, time } from "./fields.ts";
import * as values from "./values.ts";
import { accountName } from "./who.ts";
import { Unreadable, quoted } from "./unreadable.ts";

const year = 365 * 86_400_000;

const name = values.reading((value) => {
  if (typeof value === "string" && value.length <= 64 && accountName.test(value)) return value;
  throw new Unreadable(
    `${quoted(value)} is not a name; write lower-case letters, digits, and . _ - between them`,
  );
});

const claims = values.reading((value) => {
  const entries = Object.entries(value ?? {});
  const fine = typeof value === "object" && !Array.isArray(value) && entries.length > 0;
  if (!fine || entries.some(([, pattern]) => typeof pattern !== "string"))
    throw new Unreadable(
      "must be a mapping of claims to patterns, such as {repository: acme/app, ref: refs/heads/main}",
    );
  return Object.fromEntries(entries);
});

const workloadRule = z.strictObject({ claims, groups: oneOrMore(name).prefault([]) });

const workload = z.strictObject({
  name,
  issuer: values.text(),
  audience: values.text(),
  jwks_url: values.url("https://auth.example.org/jwks.json").optional(),
  jwks_file: values.file().optional(),
  rules: z.array(workloadRule),
});

/** The `auth` section; what depends on other keys is finished by `loadConfig`. */
export const authSchema = z.strictObject({
  mode: values.word(["token", "outside", "none"]).prefault("token"),
  service: values.text().optional(),
  secret_file: values.file().optional(),
  token: section({
    lifetime: time("5m", "10s", 86_400_000),
    refresh_lifetime: time("90d", "1m", 10 * year),
    key_rotation: time("90d", "1h", 10 * year),
    key_files: oneOrMore(values.file()).prefault([]).register(keyFacts, { list: true }),
  }),
  passwords: section({
    concurrent_checks: values.wholeNumber(1, 64).prefault(1),
    htpasswd: values.file().optional(),
  }),
  admin: section({ name: name.prefault("admin"), password_file: values.file().optional() }),
  outside: section({
    realm: values.url().optional(),
    issuer: values.text().optional(),
    jwks_file: values.file().optional(),
    jwks_url: values.url("https://auth.example.org/jwks.json").optional(),
    certificates: values.file().optional(),
  }),
  workloads: z
    .array(workload)
    .prefault([])
    .register(keyFacts, {
      list: true,
      items: ["name", "issuer", "audience", "jwks_url", "jwks_file", "rules", "claims", "groups"],
    }),
});
