/** Whether files that the configuration names can be used, and fit what metadata holds: asked like check-places. */
import { givenKeys } from "#adapters/keys/given-keys.ts";
import { sealedKeys } from "#adapters/keys/sealed-keys.ts";
import { readSecretFile } from "#adapters/keys/secret-file.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { readTlsFiles } from "#http/edge/tls-files.ts";
import { readAdminPassword } from "../auth/first-admin.ts";
import { htpasswdFaults } from "../auth/htpasswd-file.ts";
import { webhookFileFaults } from "../notify/webhook-files.ts";

/** One kind of files: what it is called, and all that is wrong with it. */
export interface FileCheck {
  /** The key of the configuration. */
  name: string;
  look(): Promise<string[]>;
}

/** @param metadata as it is; undefined where it can't be asked, "none" before the first start */
export function fileChecks(config: Config, metadata: Promise<Metadata | "none" | undefined>): FileCheck[] {
  const { auth, tls } = config;
  const checks: FileCheck[] = [];
  const add = (name: string, look: () => Promise<string[]>) => checks.push({ name, look });
  if (tls !== undefined) add("tls", () => refusals(() => readTlsFiles(tls)));
  const { webhooks } = config.notifications;
  if (webhooks.some(({ secret_file, ca }) => secret_file !== undefined || ca !== undefined))
    add("notifications.webhooks", () => webhookFileFaults(webhooks));
  if (auth?.mode !== "token") return checks;
  const { secret_file: secret, token, passwords, admin } = auth;
  const { htpasswd } = passwords;
  const { name, password_file: password } = admin;
  if (secret !== undefined)
    add("auth.secret_file", async () => {
      const wrong = await refusals(() => readSecretFile(secret));
      const known = await metadata;
      if (wrong.length > 0 || known === undefined || known === "none") return wrong;
      return (await refusals(() => sealedKeys(known.sealedKeys, secret).read())).filter(aboutFile);
    });
  if (token.key_files.length > 0)
    add("auth.token.key_files", async () =>
      (await Promise.all(token.key_files.map((path) => refusals(() => givenKeys([path]).read())))).flat(),
    );
  if (htpasswd !== undefined) add("auth.passwords.htpasswd", () => htpasswdFaults(htpasswd));
  if (password !== undefined)
    add("auth.admin.password_file", async () =>
      (await lacksAdmin(await metadata)) ? refusals(() => readAdminPassword(name, password)) : [],
    );
  return checks;
}

/** Faults of the database itself are told by its own check. */
const aboutFile = (message: string) => message.startsWith("auth.secret_file");

/** Where nobody can say, the file isn't asked for: after the first start it may be gone. */
async function lacksAdmin(metadata: Metadata | "none" | undefined): Promise<boolean> {
  if (metadata === undefined || metadata === "none") return metadata === "none";
  return !(await metadata.accounts.hasAdmin().catch(() => true));
}

async function refusals(look: () => Promise<unknown>): Promise<string[]> {
  try {
    await look();
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [error.message];
  }
}
