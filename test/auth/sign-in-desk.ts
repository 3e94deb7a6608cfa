import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { createAccountManagement, type AccountManagement } from "#auth/accounts.ts";
import { createCredentials, type Credentials } from "#auth/credentials.ts";
import type { Htpasswd } from "#auth/htpasswd.ts";
import { createPasswordChecks, type PasswordChecks } from "#auth/password-checks.ts";
import type { Caller } from "#core/caller.ts";
import { createQuietVerifier } from "#kit/quiet-verifier.ts";
import type { Metadata } from "#core/metadata/metadata.ts";

/** Whoever sits at the machine. */
export const operator: Caller = {
  kind: "operator",
  id: undefined,
  name: "operator",
  admin: true,
  groups: [],
  rights: [],
  grants: undefined,
  limits: undefined,
  address: "",
  request: "test",
};

export interface Desk extends AsyncDisposable {
  metadata: Metadata;
  credentials: Credentials;
  manage: AccountManagement;
  /** Hashes that passwords were compared with, in order. */
  hashed: string[];
  /** ms; only tests move it. */
  time: { now: number };
}

const home = "192.0.2.1";
const migrationsDir = new URL("../../migrations/sqlite/", import.meta.url);

/** Real accounts in real SQLite, real hashes, and a clock that stands still. */
export async function openDesk(options: { concurrent?: number; htpasswd?: Htpasswd } = {}): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), "berth-auth-"));
  const metadata = await openSqliteMetadata({ path: join(folder, "berth.db"), migrationsDir });
  const time = { now: Date.now() };
  const clock = () => time.now;
  const hashed: string[] = [];
  const real = createPasswordChecks({
    concurrent: options.concurrent ?? 2,
    verify: createQuietVerifier(2).verify,
    clock,
  });
  const checks: PasswordChecks = {
    remembers: real.remembers,
    check(owner, hash, password) {
      hashed.push(hash);
      return real.check(owner, hash, password);
    },
  };
  const { accounts, logins } = metadata;
  const credentials = createCredentials({ accounts, logins, checks, htpasswd: options.htpasswd, clock });
  const proves = async (name: string, password: string, address: string) =>
    credentials.check(name, password, address).then(
      () => true,
      () => false,
    );
  return {
    metadata,
    credentials,
    manage: createAccountManagement({ accounts, clock, proves }),
    hashed,
    time,
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Adds a user who signs in with `password of NAME`. */
export async function addUser({ manage }: Desk, name: string, admin = false): Promise<void> {
  await manage.users.add(operator, { name, password: passwordOf(name), admin, expiresAt: undefined });
}

export function passwordOf(name: string): string {
  return `password of ${name}`;
}

/** How a sign-in ended: the name, or the error's code, message and wait. */
export async function signIn({ credentials }: Desk, name: string, secret: string, address = home) {
  try {
    const { identity } = await credentials.check(name, secret, address);
    return { name: identity.name };
  } catch (error) {
    const { code, message, retryAfter } = error as { code: string; message: string; retryAfter?: number };
    return { code, message, retryAfter };
  }
}
