import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { UpstreamConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";

/** The PEM of an upstream's `ca`, if it has one. Throws upstream-failed, naming the key. */
export function readUpstreamCa({ ca }: Pick<UpstreamConfig, "ca">): string | undefined {
  if (ca === undefined) return undefined;
  const failed = (why: string, cause: unknown) =>
    new AppError("upstream-failed", `its ca ${ca} ${why}`, { cause });
  let pem: string;
  try {
    pem = readFileSync(ca, "latin1");
  } catch (cause) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw failed(code === "ENOENT" ? "isn't there" : `can't be read (${code})`, cause);
  }
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw failed("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", cause);
  }
  return pem;
}
