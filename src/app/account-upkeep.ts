import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import { ensureAdmin } from "#auth/accounts.ts";
import type { AuthConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Accounts } from "#core/metadata/accounts.ts";

const dropEvery = 3_600_000;

/**
 * What the process that writes metadata does for accounts: makes the first admin from the secret file, and
 * drops expired secrets now and every hour. Throws AppError when the first admin can't be made.
 */
export async function keepAccounts(
  accounts: Accounts,
  auth: AuthConfig | undefined,
  log: Logger,
): Promise<AsyncDisposable> {
  if (auth?.mode === "token") await firstAdmin(accounts, auth.admin, log);
  let dropping = drop();
  const timer = setInterval(() => (dropping = drop()), dropEvery);

  async function drop(): Promise<void> {
    try {
      await accounts.dropExpiredSecrets(Date.now());
    } catch (err) {
      log.error({ err }, "dropping expired secrets failed; the next run tries again");
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await dropping;
    },
  };
}

async function firstAdmin(
  accounts: Accounts,
  { name, password_file: file }: AuthConfig["admin"],
  log: Logger,
): Promise<void> {
  if (await accounts.hasAdmin()) return;
  if (file === undefined) {
    log.warn("there is no admin yet: make one with berth user add NAME --admin");
    return;
  }
  // The first line, as berth user add reads it: files often end with a line break.
  const [password = ""] = (await secretText(file)).split(/\r?\n/, 1);
  if (await ensureAdmin(accounts, name, password)) log.info({ name }, "the first admin was made");
}

async function secretText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new AppError(
      "unavailable",
      `auth.admin.password_file: ${file} can't be read (${(error as NodeJS.ErrnoException).code ?? "error"}), ` +
        `and there is no admin yet`,
      { cause: error },
    );
  }
}
