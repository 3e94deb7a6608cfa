import type { Mirror } from "#core/metadata/cached-content.ts";

/** A round that failed is tried again after so long at the latest, ms. */
const again = 10 * 60_000;
/** Part of the time between two rounds by which one comes later, so that mirrors added together don't stay together. */
const spread = 0.1;
const longestSpread = 10 * 60_000;

/** When (ms) the mirror's next round is to begin. The same answer until a round ends. */
export function mirrorDue({ name, every, syncedAt, fault }: Mirror): number {
  if (syncedAt === undefined) return 0;
  const wait = fault === undefined ? every : Math.min(every, again);
  return syncedAt + wait + Math.floor(part(`${name} ${syncedAt}`) * Math.min(wait * spread, longestSpread));
}

/** 0 … 1, another one for another text. */
function part(text: string): number {
  let hash = 0x811c9dc5;
  // FNV-1a
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
