import { AppError } from "#core/errors.ts";
import { keysOfJwks, keysOfPem, type VerifyKey } from "#kit/verify-key.ts";
import { chooseKeys, type KeySource } from "./key-source.ts";

export interface KeysFromFileParts {
  /** The file as the configuration names it, for messages. */
  path: string;
  format: "jwks" | "certificates";
  /** The file's text as it is now; cheap when it didn't change. */
  read: () => Promise<{ text: string; version: number }>;
  /** Told once for each fault; the keys that were read before stay in use. */
  warn: (message: string) => void;
}

/** Keys in a JWKS file or a bundle of certificates, read again when it changes. */
export function createKeysFromFile({ path, format, read, warn }: KeysFromFileParts): KeySource {
  let keys: readonly VerifyKey[] | undefined;
  let version: number | undefined;
  let told: string | undefined;

  function fault(message: string): void {
    if (told !== message) warn(message);
    told = message;
  }

  async function refresh(): Promise<void> {
    try {
      const now = await read();
      if (now.version === version) return;
      version = now.version;
      const found = format === "jwks" ? keysOfJwks(parse(now.text)) : keysOfPem(now.text);
      if (found === undefined || found.length === 0) {
        fault(`${path} holds no public key that could check a token: ${wanted[format]}`);
        return;
      }
      keys = found;
      told = undefined;
    } catch (error) {
      fault(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    async candidates(kid) {
      await refresh();
      if (keys === undefined) throw keysUnavailable();
      return chooseKeys(keys, kid);
    },
  };
}

const wanted = {
  jwks: "it must be a JWK set with EC, RSA (2,048 bits and more) or Ed25519 keys",
  certificates: "it must be PEM certificates with EC, RSA (2,048 bits and more) or Ed25519 keys",
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** For the client; why is in the log. */
export function keysUnavailable(cause?: unknown): AppError {
  return new AppError("unavailable", "tokens can't be checked: the keys of their issuer can't be read", {
    cause,
    retryAfter: 30,
  });
}
