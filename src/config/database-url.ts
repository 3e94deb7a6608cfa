import { Unreadable } from "./unreadable.ts";
import { reading } from "./values.ts";

const example = "write such as postgres://berth:password@db.example.org/berth?sslmode=verify-full";
/** What a password's own characters would be taken for. */
const encoded = "Characters such as @ : / ? # % in the password must be URL-encoded: %40 %3A %2F %3F %23 %25";
const modes = ["disable", "require", "verify-ca", "verify-full"];

/** `postgres://user:password@host:5432/database?sslmode=…`. It holds a password: no message shows any of it. */
export function databaseUrl() {
  return reading((value) => {
    const fault = typeof value === "string" ? databaseUrlFault(value) : `is no text; ${example}`;
    if (typeof value !== "string" || fault !== undefined) throw new Unreadable(fault ?? example);
    return value;
  });
}

/** What is wrong with the address of a database, without showing any of it; undefined: nothing. */
export function databaseUrlFault(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(text)) return `is not the address of a PostgreSQL database; ${example}`;
  // A user without a host is one on a unix socket: ?host=/run/postgresql names its folder.
  const written = text.replace("@/", "@localhost/");
  if (/[\s\0]/.test(text) || !URL.canParse(written))
    return `is not an address that can be read; ${example}. ${encoded}`;
  const { pathname, search, searchParams, hash, username, password } = new URL(written);
  // Of a password with one of / ? # what comes before it reads as host and port, and the rest as something else.
  const torn = pathname.includes("@") || hash !== "" || (pathname === "" && search.includes("@"));
  if (torn || !decodes(username) || !decodes(password)) return `can't be read as it was meant. ${encoded}`;
  if (pathname.length < 2 && !searchParams.has("database")) return `names no database; ${example}`;
  const mode = searchParams.get("sslmode") ?? "disable";
  if (!modes.includes(mode)) return `has an sslmode that is none of ${modes.join(", ")}`;
  if (mode === "verify-ca" && !searchParams.has("sslrootcert"))
    return "has sslmode=verify-ca and needs sslrootcert: the file of the CA";
  return undefined;
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
