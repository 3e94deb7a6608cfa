import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { UpstreamConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";

/** The PEM of an upstream's `ca`, if it has one. Throws upstream-failed, naming the key. */
export async function readUpstreamCa({ ca }: Pick<UpstreamConfig, "ca">): Promise<string | undefined> {
  if (ca === undefined) return undefined;
  const failed = (why: string, cause: unknown) => new AppError("upstream-failed", `its ca ${why}`, { cause });
  const pem = await readFile(ca, "latin1").catch((cause: unknown) => {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw failed(code === "ENOENT" ? "isn't there" : `can't be read (${code})`, cause);
  });
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw failed("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", cause);
  }
  return pem;
}
