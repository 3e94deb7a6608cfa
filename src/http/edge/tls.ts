import type { SecureContextOptions } from "node:tls";
import type { Logger } from "pino";
import { readTlsFiles, tlsFilesMark, type TlsOptions } from "./tls-files.ts";

/** The certificate in force, for every address that has TLS. Dispose it to stop looking at the files. */
export interface Tls extends Disposable {
  readonly clients: TlsOptions["client_certificates"];
  readonly current: SecureContextOptions;
  /** Gives a listening server every later certificate; connections that are there keep theirs. */
  follow(server: { setSecureContext(options: SecureContextOptions): void }): void;
  /** Reads the files now. Faulty ones change nothing and are logged. */
  reload(): Promise<void>;
}

/** How often the files are looked at, ms: a renewed certificate is in force after so long. */
const lookEvery = 5_000;

/**
 * Reads certificate and key, and again whenever one of the files changes. While a renewal is half
 * written the two don't match: then, as with any faulty file, the pair before stays in force.
 * Throws unavailable when there is no good pair to begin with.
 */
export async function openTls(options: TlsOptions, log: Logger, every = lookEvery): Promise<Tls> {
  // Before the reading: what changes meanwhile is then seen by the next look.
  let seen = await tlsFilesMark(options);
  let current = await readTlsFiles(options);
  const servers: Parameters<Tls["follow"]>[0][] = [];
  let reading: Promise<void> | undefined;

  async function readAgain(): Promise<void> {
    try {
      const next = await readTlsFiles(options);
      if (next.cert === current.cert && next.key === current.key && next.ca === current.ca) return;
      current = next;
      for (const server of servers) server.setSecureContext(next);
      log.info({ certificate: options.certificate }, "the TLS certificate was read again");
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      log.error({ fault }, "the TLS files have a fault; the certificate before stays in force");
    }
  }

  async function look(): Promise<void> {
    const mark = await tlsFilesMark(options);
    if (mark === seen) return;
    seen = mark;
    await reload();
  }

  function reload(): Promise<void> {
    // One after the other, so that the last reading is the last word.
    const next = (reading ?? Promise.resolve()).then(readAgain);
    reading = next;
    return next;
  }

  const timer = setInterval(() => void look(), every);
  timer.unref();
  return {
    clients: options.client_certificates,
    get current() {
      return current;
    },
    follow(server) {
      servers.push(server);
    },
    reload,
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
