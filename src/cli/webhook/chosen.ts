import type { Chosen } from "#app/verbs/webhooks.ts";
import type { Flags } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";

export const chosenFlags = { id: { type: "string" }, all: { type: "boolean" } } as const;

/** `--id N` or `--all`. */
export function chosenLetters(flags: Flags, verb: string): Chosen {
  const [id] = flags.get("id") ?? [];
  if ((id === undefined) !== flags.has("all"))
    throw new UsageError(`berth webhook ${verb} NAME needs --id N or --all`);
  if (id === undefined) return "all";
  if (!/^[1-9]\d{0,14}$/.test(id)) throw new UsageError(`--id ${id}: berth webhook list NAME shows the ids`);
  return Number(id);
}
