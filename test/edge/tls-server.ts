import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type ConnectionOptions } from "node:tls";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { drainable } from "#http/edge/drain.ts";
import { listen } from "#http/edge/listen.ts";
import { openTls } from "#http/edge/tls.ts";
import type { TlsOptions } from "#http/edge/tls-files.ts";
import type { Authority, Pair } from "../harness/certificates.ts";

const limits = { header_timeout: 3_000, keep_alive_timeout: 5_000 };

/** A server on files that a test may replace, which are looked at often. */
export async function startTlsServer(authority: Authority, first: Pair, options: Partial<TlsOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(JSON.parse(line) as never) });
  const files = { certificate: join(authority.folder, "live.pem"), key: join(authority.folder, "live.key") };
  const put = (pair: Pair, which: "both" | "certificate" | "key" = "both") => {
    if (which !== "key") copyFileSync(pair.certificate, files.certificate);
    if (which !== "certificate") copyFileSync(pair.key, files.key);
  };
  put(first);
  const all: TlsOptions = {
    ...files,
    client_ca: undefined,
    client_certificates: "off",
    min_version: "TLSv1.2",
    ...options,
  };
  const tls = await openTls(all, log, 50);
  const { handler, drain } = drainable(async (request, response) => {
    response.end(`hello ${request.url}`);
  });
  const listener = await listen({ host: "127.0.0.1", port: 0 }, handler, limits, tls);
  const port = Number(new URL(listener.url).port);
  return {
    url: listener.url,
    port,
    lines,
    files,
    put,
    tls,
    drain: () => drain([listener], 1_000),
    /** Subject of the certificate that a new connection gets. */
    subject: () => subjectAt(port, authority.ca),
    async [Symbol.asyncDispose]() {
      tls[Symbol.dispose]();
      await drain([listener], 100);
    },
  };
}

async function subjectAt(port: number, ca: string): Promise<string> {
  const socket = await handshake(port, { ca });
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

/** A TLS connection whose handshake is done; rejects when the server refuses. */
export async function handshake(port: number, options: ConnectionOptions) {
  const socket = connect({ host: "127.0.0.1", port, ...options });
  await once(socket, "secureConnect");
  socket.on("error", () => undefined);
  return socket;
}

/** Waits until `done` holds, 20 seconds at the most. */
export async function until(done: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await done()) return;
    await sleep(50);
  }
  throw new Error("what was waited for never happened");
}
