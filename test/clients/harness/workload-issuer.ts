import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { byKey, forge, jwk } from "../../auth/forge.ts";
import type { Workplace } from "./workplace.ts";

/** An OIDC issuer of CI jobs' tokens that is nothing but a file of keys. */
export interface WorkloadIssuer {
  /** For the `auth` section: jobs of `acme/…` are in the group ci. */
  auth: { workloads: unknown[] };
  /** The token of a job with these claims. */
  token(claims: Record<string, unknown>): string;
}

const issuer = "https://ci.example.test";

export function makeIssuer(work: Workplace): WorkloadIssuer {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const file = join(work.path, "issuer-keys.json");
  writeFileSync(file, JSON.stringify({ keys: [jwk(publicKey, { kid: "1", alg: "RS256", use: "sig" })] }));
  const provider = {
    name: "ci",
    issuer,
    audience: "registry.test",
    jwks_file: file,
    rules: [{ claims: { repository: "acme/*" }, groups: ["ci"] }],
  };
  return {
    auth: { workloads: [provider] },
    token(claims) {
      const now = Math.floor(Date.now() / 1000);
      const times = { iat: now, nbf: now, exp: now + 300 };
      const all = { iss: issuer, aud: "registry.test", sub: "job", ...times, ...claims };
      return forge({ alg: "RS256", kid: "1", typ: "JWT" }, all, byKey(privateKey));
    },
  };
}
