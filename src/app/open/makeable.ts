import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** statfs(2): the type of /proc. */
const proc = 0x9fa0;

/**
 * What keeps a missing folder from ever being made; undefined: nothing that can be told without trying. Below
 * /proc the kernel answers "no such file" to who makes one, and Node's recursive mkdir then tries again for ever.
 */
export async function unmakeable(path: string): Promise<string | undefined> {
  for (let at = path; ; at = dirname(at)) {
    const found = await statfs(at).catch(() => undefined);
    if (found === undefined && dirname(at) !== at) continue;
    const there = at === path && (await stat(at).catch(() => undefined)) !== undefined;
    return !there && found?.type === proc
      ? `it can't be made in ${at}: that is the kernel's, and takes no folders`
      : undefined;
  }
}
