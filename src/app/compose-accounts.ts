import type { Logger } from "pino";
import { createAccountManagement, type AccountManagement } from "#auth/accounts.ts";
import { createCredentials, type Credentials } from "#auth/credentials.ts";
import { createHtpasswd } from "#auth/htpasswd.ts";
import { createPasswordChecks } from "#auth/password-checks.ts";
import type { AuthConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { fileText } from "#kit/file-cache.ts";

/** Accounts of one serving process: who signs in, and how admins and users manage them. */
export function composeAccounts(
  passwords: AuthConfig["passwords"],
  { accounts, logins }: Pick<Metadata, "accounts" | "logins">,
  log: Logger,
): { credentials: Credentials; management: AccountManagement } {
  const clock = Date.now;
  const { htpasswd: file, concurrent_checks: concurrent } = passwords;
  const htpasswd =
    file === undefined
      ? undefined
      : createHtpasswd({ read: fileText(file), warn: (message) => log.warn({ file }, message) });
  const checks = createPasswordChecks({ concurrent, clock });
  const credentials = createCredentials({ accounts, logins, checks, htpasswd, clock });

  async function proves(name: string, password: string, address: string): Promise<boolean> {
    try {
      await credentials.check(name, password, address);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === "unauthenticated") return false;
      throw error;
    }
  }

  return { credentials, management: createAccountManagement({ accounts, clock, proves }) };
}
