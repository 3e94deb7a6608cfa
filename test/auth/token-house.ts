import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { folderKeys } from "#adapters/keys/folder-keys.ts";
import { openKeyRing } from "#adapters/keys/key-ring.ts";
import { rotateKeys } from "#adapters/keys/rotate.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { createCredentials } from "#auth/credentials.ts";
import { createHtpasswd } from "#auth/htpasswd.ts";
import { createPasswordChecks } from "#auth/password-checks.ts";
import { compilePolicy, createAccess, type PolicyRules } from "#auth/policy.ts";
import { createSignIn } from "#auth/sign-in.ts";
import { createTokens, type TokenProof } from "#auth/tokens.ts";
import { createWorkloads, type WorkloadIssuer } from "#auth/workloads.ts";
import type { AuditActor, AuditEntry } from "#core/audit.ts";
import { createQuietVerifier } from "#kit/quiet-verifier.ts";
import { live } from "#core/live.ts";
import { createEdge } from "#http/edge/edge.ts";
import { createOrigins } from "#http/edge/origin.ts";
import { createTokenDoor } from "#http/token/door.ts";
import { fileText } from "#kit/file-cache.ts";
import { hashPassword } from "#kit/password-hash.ts";
import { hashSecret, newSecret } from "#kit/secrets.ts";
import type { Right } from "#core/caller.ts";
import { migrations } from "../adapters/sqlite/temp-folder.ts";

export const service = "registry.test";
export const operator: AuditActor = {
  actorId: undefined,
  actor: "operator",
  kind: "operator",
  address: "",
  request: "",
  rule: "test",
};

export interface HouseOptions {
  rules?: PolicyRules["rules"];
  workloads?: readonly WorkloadIssuer[];
  htpasswd?: string;
}

/** Everything that makes and checks tokens, on real SQLite, real key files and real HTTP. */
export async function openHouse(options: HouseOptions = {}) {
  const parts = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "berth-tokens-"));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  let shift = 0;
  const clock = () => Date.now() + shift;
  const metadata = parts.use(
    await openSqliteMetadata({ path: join(folder, "berth.db"), migrationsDir: migrations }),
  );
  const { accounts, logins } = metadata;
  const keyFolder = join(folder, "keys");
  const lifetimes = live({ lifetime: 300_000, refresh_lifetime: 3_600_000 });
  const place = folderKeys(keyFolder);
  const rotation = { place, rotation: 86_400_000, overlap: 900_000, clock, mine: () => true };
  await rotateKeys(rotation);
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const keys = await openKeyRing({ place, clock, warn });
  const policy = live(
    compilePolicy({ rules: options.rules ?? [], namespaces: "user", immutable_tags: [], metrics: [] }),
  );
  const access = createAccess(policy);
  const read = options.htpasswd === undefined ? undefined : fileText(options.htpasswd);
  const credentials = createCredentials({
    accounts,
    logins,
    checks: createPasswordChecks({ concurrent: 1, verify: createQuietVerifier(1).verify, clock }),
    htpasswd: read && createHtpasswd({ read, warn }),
    clock,
  });
  const issuers = live(options.workloads ?? []);
  const workloads = createWorkloads(issuers, clock);
  const noted: Omit<AuditEntry, "at" | "count">[] = [];
  const signIn = createSignIn({ credentials, workloads, reads: { note: (entry) => void noted.push(entry) } });
  const tokens = createTokens({
    keys,
    access,
    credentials,
    signIn,
    accounts,
    workloads,
    service,
    lifetimes,
    clock,
  });
  const origins = createOrigins(undefined, []);
  const edge = createEdge({
    log: pino({ level: "silent" }),
    accessLog: false,
    meter: { request: () => undefined },
    origins,
    doors: [
      createTokenDoor({ tokens, service, client: (request) => origins.client(request), bodyIdle: 5_000 }),
    ],
  });
  const url = await serve(parts, (request, response) => void edge.callback()(request, response));
  const house = {
    url,
    folder,
    keyFolder,
    rotation,
    accounts,
    tokens,
    keys,
    lifetimes,
    issuers,
    noted,
    warnings,
    clock,
    /** Moves everybody's clock, ms. */
    pass: (ms: number) => void (shift += ms),
    async addUser(name: string, password: string, more: { admin?: boolean } = {}): Promise<number> {
      const passwordHash = await hashPassword(password);
      const added = await accounts.add(
        { kind: "user", name, admin: more.admin ?? false, passwordHash, rights: [], expiresAt: undefined },
        operator,
        clock(),
      );
      if (added === "exists") throw new Error(`${name} exists`);
      return added;
    },
    async addSecret(accountId: number, kind: "personal" | "robot", limits?: readonly Right[]) {
      const text = newSecret(kind === "robot" ? "brs_" : "bpt_");
      const secret = { accountId, kind, hash: hashSecret(text), label: "", limits, expiresAt: undefined };
      const id = await accounts.addSecret(secret, operator, clock());
      if (id === "no-account") throw new Error("no such account");
      return { text, id };
    },
    issue: (proof: TokenProof, scopes: string[] = [], offline?: string) =>
      tokens.issue({ proof, scopes, offline, address: "127.0.0.1", request: "r" }),
    /** GET /token. */
    get(query: string, basic?: string): Promise<Response> {
      const headers = basic === undefined ? {} : { authorization: `Basic ${btoa(basic)}` };
      return fetch(`${url}/token${query}`, { headers });
    },
    /** POST /token. */
    post: (form: Record<string, string>): Promise<Response> =>
      fetch(`${url}/token`, { method: "POST", body: new URLSearchParams(form) }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
  return house;
}

/** An HTTP server on loopback that ends with its stack. */
export async function serve(parts: AsyncDisposableStack, listener: RequestListener): Promise<string> {
  const server = createServer({ maxHeaderSize: 64 * 1024 }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  parts.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
