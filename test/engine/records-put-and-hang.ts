import { openEngineRecords } from "#adapters/engine-records/engine-records.ts";
import { volume } from "./records-place.ts";

/** A process that puts one record into the folder of its first argument, says so and waits to be killed, or leaves. */
const [folder = "", leave, how] = process.argv.slice(2);
const records = await openEngineRecords(folder);
if (leave === undefined) {
  await records.volumes.put(volume("kept"), false);
  setInterval(() => {}, 1000);
  process.send?.("put");
} else {
  // SQLite doesn't write what is there already.
  const at = String(process.hrtime.bigint());
  const puts = how === undefined ? [] : ["a", "b"];
  await Promise.all(puts.map((name) => records.volumes.put(volume(name, { at }), how === "lasting")));
  if (how === "both") await records.volumes.put(volume("b", { at }), true);
  process.exit(0);
}
