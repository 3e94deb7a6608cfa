import { TarFault } from "./tar-fault.ts";

/** What an extended header says, keyword to value; both bytes, one to a character. POSIX pax "Extended Header". */
export function parsePaxRecords(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    const digits = space < 0 ? "" : body.toString("latin1", at, Math.min(space, at + 12));
    const end = at + Number(digits);
    const equals = body.indexOf(0x3d, space);
    const sound = /^[0-9]+$/.test(digits) && end <= body.length && equals > space && equals < end;
    if (!sound || body[end - 1] !== 0x0a) throw new TarFault("an extended header is broken");
    records.set(body.toString("latin1", space + 1, equals), body.toString("latin1", equals + 1, end - 1));
    at = end;
  }
  return records;
}
