import { isPasswordHash } from "#kit/password-hash.ts";

/** Users of an htpasswd file, beside the accounts. */
export interface Htpasswd {
  /** The hash of a user's line as the file is now, or undefined. */
  hashOf(name: string): Promise<string | undefined>;
  /** Some user's hash: checking an unknown name against it takes as long as checking a known one. */
  anyHash(): Promise<string | undefined>;
}

export interface HtpasswdParts {
  /** The file's text as it is now; cheap when it didn't change. Rejects while it can't be read. */
  read: () => Promise<{ text: string; version: number }>;
  /** Told once for each version of the file, and when it can't be read any more. */
  warn: (message: string) => void;
}

const mostNamed = 10;
const unreadable = -2;

/** Lines `name:hash` with bcrypt or argon2id; empty ones and those that begin with # don't count. */
export function createHtpasswd({ read, warn }: HtpasswdParts): Htpasswd {
  const nobody: ReadonlyMap<string, string> = new Map();
  let parsed = { version: -1, users: nobody };

  async function users(): Promise<ReadonlyMap<string, string>> {
    try {
      const { text, version } = await read();
      if (version !== parsed.version) parsed = { version, users: parse(text, warn) };
    } catch (error) {
      // Without the file nobody can know who was taken out of it.
      if (parsed.version !== unreadable) warn(`nobody of the htpasswd file can sign in: ${String(error)}`);
      parsed = { version: unreadable, users: nobody };
    }
    return parsed.users;
  }

  return {
    hashOf: async (name) => (await users()).get(name),
    async anyHash() {
      const [first] = (await users()).values();
      return first;
    },
  };
}

function parse(text: string, warn: (message: string) => void): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  const refused: string[] = [];
  const lines = text.split("\n").map((line) => line.trim());
  for (const [at, line] of lines.entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const hash = line.slice(colon + 1);
    if (colon > 0 && isPasswordHash(hash)) users.set(name, hash);
    // Without a colon the line may be anything, also a password.
    else refused.push(colon > 0 ? `${name} (line ${at + 1})` : `line ${at + 1}`);
  }
  if (refused.length > 0) {
    const more = refused.length > mostNamed ? `, and ${refused.length - mostNamed} more` : "";
    warn(
      `the htpasswd file has lines that don't count, only bcrypt and argon2id do: ` +
        `${refused.slice(0, mostNamed).join(", ")}${more}. Make them anew with "htpasswd -B".`,
    );
  }
  return users;
}
