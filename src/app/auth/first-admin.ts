import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import { checkPassword } from "#auth/account-rules.ts";
import { ensureAdmin } from "#auth/accounts.ts";
import type { AuthConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Accounts } from "#core/metadata/accounts.ts";

/** Makes the first admin where the configuration names one's password. Throws storage-failed, account-invalid. */
export async function firstAdmin(
  { admin, passwords }: AuthConfig,
  accounts: Accounts,
  log: Logger,
): Promise<void> {
  const { name, password_file: file } = admin;
  if (file === undefined) {
    if (passwords.htpasswd === undefined && !(await accounts.hasAdmin()))
      log.warn("there is no admin yet: make one with berth user add --admin NAME");
    return;
  }
  // A secret that is taken away after the first start must not keep the second from happening.
  if (await accounts.hasAdmin()) return;
  const password = await readAdminPassword(name, file);
  // Of servers that start together one makes it, and only that one says so.
  if (await ensureAdmin(accounts, name, password)) log.info({ name }, "the first admin was made");
}

/** What `auth.admin.password_file` holds. Throws storage-failed, account-invalid, never showing any of it. */
export async function readAdminPassword(name: string, file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw new AppError(
      "storage-failed",
      `auth.admin.password_file ${file} can't be read (${code}): put the first admin's password there`,
      { cause },
    );
  }
  return checkPassword(text.replace(/\r?\n$/, ""), name);
}
