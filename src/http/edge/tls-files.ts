import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";
import { AppError } from "#core/errors.ts";

/** What the config says of TLS. Files are PEM. */
export interface TlsOptions {
  /** The server's certificate, then those between it and the root. */
  certificate: string;
  key: string;
  /** CA of client certificates. */
  client_ca: string | undefined;
  client_certificates: "off" | "optional" | "required";
  min_version: SecureVersion;
}

/** Reads and tries the files. Throws unavailable, naming the key of the config and the file. */
export async function readTlsFiles(options: TlsOptions): Promise<SecureContextOptions> {
  const { certificate, client_ca, client_certificates, min_version: minVersion } = options;
  const cert = await read("tls.certificate", certificate);
  const key = await read("tls.key", options.key);
  const ca =
    client_ca === undefined || client_certificates === "off"
      ? undefined
      : await read("tls.client_ca", client_ca);
  const first = parseCertificate("tls.certificate", certificate, cert);
  if (ca !== undefined) parseCertificate("tls.client_ca", client_ca ?? "", ca);
  if (!first.checkPrivateKey(parseKey(options.key, key)))
    throw unusable(
      "tls.key",
      options.key,
      `is not the key of ${certificate} (tls.certificate): give the two files of one pair`,
    );
  const context: SecureContextOptions = { cert, key, minVersion, ...(ca === undefined ? {} : { ca }) };
  try {
    createSecureContext(context);
  } catch (cause) {
    throw unusable("tls.certificate", certificate, `can't be used: ${reason(cause)}`, cause);
  }
  return context;
}

/** Changes when one of the files does, or is replaced, or comes or goes. */
export async function tlsFilesMark({ certificate, key, client_ca }: TlsOptions): Promise<string> {
  const marks = [certificate, key, client_ca].map(async (path) => {
    if (path === undefined) return "";
    const found = await stat(path).catch(() => undefined);
    return found === undefined ? "none" : `${found.mtimeMs} ${found.size} ${found.ino}`;
  });
  return (await Promise.all(marks)).join();
}

async function read(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === "ENOENT"
        ? "is not there"
        : code === "EACCES"
          ? "can't be read by the user that runs Berth"
          : `can't be read (${code ?? reason(cause)})`;
    throw unusable(name, path, why, cause);
  }
}

function parseCertificate(name: string, path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw unusable(name, path, "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", cause);
  }
}

function parseKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const locked = /ENCRYPTED/.test(pem);
    throw unusable(
      "tls.key",
      path,
      locked
        ? "is protected by a passphrase: write it without one (openssl pkey -in … -out …), readable by Berth's user alone"
        : "holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)",
      cause,
    );
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function unusable(name: string, path: string, why: string, cause?: unknown): AppError {
  return new AppError("unavailable", `${name}: ${path} ${why}`, { cause });
}
