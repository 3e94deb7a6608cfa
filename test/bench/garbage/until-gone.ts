import { setTimeout as delay } from "node:timers/promises";
import type { PlantedFolder } from "../servers/server.ts";
import { blobAt, garbageFrom, type GarbagePlan } from "./plan.ts";

/** ms; a server that hasn't removed it all by then never will. */
const patience = 3_600_000;
const lookEvery = 1_000;
const sampled = 2_000;

/** Looks for a sample of the garbage until nothing of it is there. Throws where something that is named went, too. */
export async function untilGone(
  planted: PlantedFolder,
  plan: GarbagePlan,
  signal: AbortSignal,
): Promise<void> {
  const from = garbageFrom(plan);
  const step = Math.max(1, Math.floor((plan.blobs - from) / sampled));
  let left: number[] = [];
  for (let number = from; number < plan.blobs; number += step) left.push(number);
  const until = performance.now() + patience;
  for (;;) {
    left = left.filter((number) => planted.holds({ number, hex: blobAt(number).hex }));
    if (left.length === 0) break;
    if (performance.now() > until) throw new Error(`${left.length} of the sampled garbage is still there`);
    await delay(lookEvery, undefined, { signal });
  }
  for (let number = 0; number < from; number += step)
    if (!planted.holds({ number, hex: blobAt(number).hex }))
      throw new Error(`blob ${number} is named and gone`);
}
