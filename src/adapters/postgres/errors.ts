import { AppError } from "#core/errors.ts";

/** Seconds after which a client may try again when the database wasn't there. */
const retryAfter = 5;

/** Errors of the operating system and of the driver that mean: the database isn't there right now. */
const gone = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);
/** How the driver says so, which gives these no code. */
const goneWords =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client was closed)/;
/** PostgreSQL's own: it stops, it starts, it has too many connections, it waited too long. */
const notNow = /^(08...|57P0[1235]|53300|55P03|57014|25P03)$/;

/** What the database or the operating system calls an error; empty for errors without a code. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** Whether the connection broke, or there was none: nothing is known of what was under way. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  if (gone.has(code) || /^(08...|57P0[123])$/.test(code)) return true;
  return code === "" && error instanceof Error && goneWords.test(error.message);
}

/** Whether a connection that was there broke: another one may do. */
export function isBroken(error: unknown): boolean {
  if (["ECONNRESET", "EPIPE", "57P01", "57P02"].includes(codeOf(error))) return true;
  if (codeOf(error) !== "" || !(error instanceof Error)) return false;
  return /^(Connection terminated unexpectedly|Client has encountered a connection error)/.test(
    error.message,
  );
}

/** Whether another transaction was in the way, and the same again may work. */
export function isConflict(error: unknown): boolean {
  return ["40001", "40P01"].includes(codeOf(error));
}

/**
 * An error of PostgreSQL or of the way to it as one of ours: unavailable when the database can't be reached,
 * storage-full when its disk is full, else storage-failed. An AppError stays as it is.
 * @param what what failed, as the beginning of a sentence: `The metadata couldn't be read`.
 */
export function storageError(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const cause = plain(error);
  if (isGone(error) || isConflict(error) || notNow.test(code)) {
    const message = `${what}: ${absence(code, error)}`;
    return new AppError("unavailable", message, { cause, retryAfter });
  }
  if (code === "53100") {
    const message = `${what}: the disk of the metadata database is full. Free some space.`;
    return new AppError("storage-full", message, { cause });
  }
  return new AppError("storage-failed", `${what}: ${reason(code, said(error))}`, { cause });
}

/**
 * The same while servers run, where a message may reach any client: what PostgreSQL says to one that it doesn't let
 * in names addresses, users and databases, and is only in the cause.
 */
export function storageErrorForClients(what: string, error: unknown): AppError {
  const code = codeOf(error);
  if (error instanceof AppError || !/^(28...|3D000|42501)$/.test(code)) return storageError(what, error);
  const message = `${what}: the metadata database doesn't let this server in (${code}). Its log and berth check-config say why.`;
  return new AppError("storage-failed", message, { cause: plain(error) });
}

function absence(code: string, error: unknown): string {
  if (isConflict(error)) return "too many changes of the same things at once. Try again.";
  if (code === "53300")
    return "PostgreSQL has no connection left. Raise its max_connections, or lower metadata.pool.";
  if (code === "57P03") return "PostgreSQL is starting or stopping. Try again.";
  if (code === "55P03" || code === "57014") return "PostgreSQL took too long. Try again.";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `the host of metadata.url isn't known here (${code}). Check its name.`;
  const what = code === "" ? said(error) : code;
  return `PostgreSQL can't be reached (${what}). Check that it runs, and metadata.url.`;
}

function reason(code: string, said: string): string {
  if (code === "28P01" || code === "28000")
    return `PostgreSQL lets nobody in: ${said}. Check user and password of metadata.url (a % of the password is written %25 there), and pg_hba.conf.`;
  if (code === "3D000") return `${said}. Make it: CREATE DATABASE … ENCODING 'UTF8'.`;
  if (code === "42501")
    return `${said}. Let the user of metadata.url own the database: ALTER DATABASE … OWNER TO ….`;
  if (code === "42P01" || code === "42703")
    return `the database hasn't got this Berth's tables (${said}). Start this Berth's server once: it adds them.`;
  if (code === "25006") return `${said}. metadata.url must name the primary, not a standby.`;
  if (code.startsWith("XX")) return `PostgreSQL reports damage (${code}: ${said}). Restore a backup.`;
  if (/does not support SSL/i.test(said))
    return (
      "PostgreSQL speaks no TLS there, and sslmode in metadata.url asks for it. Switch it on (ssl = on in " +
      "postgresql.conf, with a certificate); where nobody can listen in between, write sslmode=disable."
    );
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return `PostgreSQL's certificate isn't trusted (${code}). Name its CA with sslrootcert in metadata.url.`;
  return code === "" ? `${said}.` : `${said} (${code}).`;
}

function said(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}

/** The error for the log: the driver's own hang on to connections, rows and addresses. */
function plain(error: unknown): Error {
  const code = codeOf(error);
  const cause: Error & { code?: string } = new Error(said(error) || code);
  if (code !== "") cause.code = code;
  if (error instanceof Error && error.stack !== undefined) cause.stack = error.stack;
  return cause;
}
