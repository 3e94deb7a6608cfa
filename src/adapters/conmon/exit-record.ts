import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Exit } from "#core/engine/monitor.ts";
import { timeText } from "#kit/nano-time.ts";
import type { Places } from "./places.ts";

/** What conmon noted of a container's end; undefined: nothing yet. */
export function readExit(places: Places, id: string): Exit | undefined {
  try {
    const path = places.exit(id);
    const code = Number.parseInt(readFileSync(path, "latin1"), 10);
    const { mtimeNs } = statSync(path, { bigint: true });
    return {
      // -1: it couldn't find out.
      code: code >= 0 && code <= 255 ? code : 255,
      oomKilled: existsSync(join(places.container(id), "oom")),
      at: timeText(mtimeNs),
    };
  } catch {
    return undefined;
  }
}

/** An end that nobody noted: conmon was killed. */
export function lostExit(): Exit {
  return { code: 255, oomKilled: false, at: timeText(BigInt(Date.now()) * 1_000_000n) };
}
