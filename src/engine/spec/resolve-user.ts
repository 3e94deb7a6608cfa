import { AppError } from "#core/errors.ts";

export interface ResolvedUser {
  uid: number;
  gid: number;
  additionalGids: number[];
  /** Its home; "": none is known. */
  home: string;
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

interface GroupEntry {
  name: string;
  gid: number;
  members: readonly string[];
}

/** What the kernel takes, as runc has it. */
const largest = 2_147_483_647;
/** As many groups as the kernel gives a process. */
const mostGroups = 65_536;

/**
 * `user[:group]`, names or numbers, by the image's own files; numbers need no entry there. Without a group those of the
 * user's entry count, and every group that names it. Docker's words; throws engine-invalid. The files may be anything:
 * lines that are no entries are passed over.
 * @param passwd content of /etc/passwd; undefined: there is none.
 * @param groupAdd further groups, names or numbers.
 */
export function resolveUser(
  text: string,
  passwd: string | undefined,
  group: string | undefined,
  groupAdd: readonly string[] = [],
): ResolvedUser {
  const [who = "", groupName = ""] = text.split(":");
  const number = numberOf(who);
  const entry = find(passwdEntries(passwd), (one) =>
    who === "" ? one.uid === 0 : one.name === who || one.uid === number,
  );
  if (entry === undefined && who !== "" && number === undefined)
    throw invalid(`unable to find user ${who}: no matching entries in passwd file`);
  const uid = inRange(entry?.uid ?? number ?? 0);

  let gid = entry?.gid ?? 0;
  const more = new Set<number>();
  if (groupName !== "") gid = inRange(groupOf(groupName, group, "unable"));
  else if (entry !== undefined)
    for (const one of groupEntries(group)) if (one.members.includes(entry.name)) more.add(one.gid);
  for (const name of groupAdd) if (name !== "") more.add(inRange(groupOf(name, group, "Unable")));
  return {
    uid,
    gid,
    additionalGids: [...new Set([gid, ...more])].slice(0, mostGroups),
    home: entry?.home ?? "",
  };
}

function groupOf(name: string, group: string | undefined, unable: string): number {
  const number = numberOf(name);
  const entry = find(groupEntries(group), (one) => one.name === name || one.gid === number);
  const gid = entry?.gid ?? number;
  if (gid === undefined) throw invalid(`${unable} to find group ${name}: no matching entries in group file`);
  return gid;
}

function* passwdEntries(text: string | undefined): Generator<PasswdEntry> {
  for (const line of lines(text)) {
    const [name = "", , uidText = "", gidText = "", , home = ""] = line.split(":");
    const [uid, gid] = [idOf(uidText), idOf(gidText)];
    if (name !== "" && uid !== undefined && gid !== undefined) yield { name, uid, gid, home };
  }
}

function* groupEntries(text: string | undefined): Generator<GroupEntry> {
  for (const line of lines(text)) {
    const [name = "", , gidText = "", members = ""] = line.split(":");
    const gid = idOf(gidText);
    if (name !== "" && gid !== undefined) yield { name, gid, members: members.split(",") };
  }
}

/** One by one: the file may be large. */
function* lines(text: string | undefined): Generator<string> {
  if (text === undefined) return;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end < 0 ? text.length : end).trim();
    if (line !== "" && !line.startsWith("#")) yield line;
    at = end < 0 ? text.length : end + 1;
  }
}

function find<T>(items: Iterable<T>, test: (item: T) => boolean): T | undefined {
  for (const item of items) if (test(item)) return item;
  return undefined;
}

/** What is written as a number, also one that is no id. */
function numberOf(text: string): number | undefined {
  return /^-?\d{1,18}$/.test(text) ? Number(text) : undefined;
}

function idOf(text: string): number | undefined {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  return number !== undefined && number <= largest ? number : undefined;
}

function inRange(id: number): number {
  if (id < 0 || id > largest) throw invalid(`uids and gids must be in range 0-${largest}`);
  return id;
}

function invalid(message: string): AppError {
  return new AppError("engine-invalid", message);
}
