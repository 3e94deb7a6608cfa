import type { UpstreamCredentials } from "#adapters/upstream-http/upstream-parts.ts";
import type { UpstreamConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { readUpstreamCa } from "../upstreams/upstream-ca.ts";
import { upstreamCredentials } from "../upstreams/upstream-credentials.ts";

/** ms to answer. */
const patience = 12_000;

export interface UpstreamCheck {
  /** Of its files. */
  faults: string[];
  fine: string;
  /** It doesn't answer as it should. What is cached is served all the same, so that is no fault of the configuration. */
  warning: string | undefined;
}

/** Whether the files of an upstream can be used, and whether it answers and takes the credentials. */
export async function checkUpstream(upstream: UpstreamConfig): Promise<UpstreamCheck> {
  const faults = [...(await credentialFaults(upstream)), ...caFaults(upstream)];
  if (faults.length > 0) return { faults, fine: "", warning: undefined };
  if (upstream.offline) return { faults, fine: "isn't asked (offline: true)", warning: undefined };
  return { faults, fine: "answers", warning: await silence(upstream) };
}

/** What is wrong with its answer. */
async function silence(upstream: UpstreamConfig): Promise<string | undefined> {
  // The client takes a while to load, and most configurations have no use for it.
  const createUpstream = await loaded();
  await using client = createUpstream({
    ...upstream,
    ca: readUpstreamCa(upstream),
    credentials: upstreamCredentials(upstream),
    userAgent: "berth",
  });
  const signal = AbortSignal.timeout(patience);
  try {
    await client.check(signal);
    return undefined;
  } catch (error) {
    if (signal.aborted) return `it doesn't answer within ${patience / 1000} seconds`;
    if (!(error instanceof AppError)) throw error;
    return error.message;
  }
}

async function loaded() {
  const { createUpstream } = await import("#adapters/upstream-http/create-upstream.ts");
  return createUpstream;
}

async function credentialFaults(upstream: UpstreamConfig): Promise<string[]> {
  const { password_file, token_file, docker_config } = upstream;
  const [key, path] =
    password_file !== undefined
      ? ["password_file", password_file]
      : token_file !== undefined
        ? ["token_file", token_file]
        : ["docker_config", docker_config];
  if (path === undefined) return [];
  const fault = (why: string) => [`its ${key} ${path} ${why}`];
  try {
    const found = await upstreamCredentials(upstream)();
    if (found === undefined)
      return fault(`has no entry for ${new URL(upstream.url).host}: docker login writes one`);
    return secretOf(found).trim() === "" ? fault("is empty") : [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
    if (code === "ENOENT") return fault("isn't there");
    return fault(code === undefined ? `can't be used: ${error.message}` : `can't be read (${code})`);
  }
}

function secretOf(credentials: UpstreamCredentials): string {
  if ("password" in credentials) return credentials.password;
  return "token" in credentials ? credentials.token : credentials.identityToken;
}

function caFaults(upstream: UpstreamConfig): string[] {
  try {
    readUpstreamCa(upstream);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [error.message];
  }
}
