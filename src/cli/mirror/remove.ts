import { removeMirror } from "#app/verbs/mirrors.ts";
import { EXIT } from "../io.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { mirrorNamed } from "./named.ts";

/** `berth mirror remove NAME`. */
export const remove: ConfigVerb = {
  operands: ["NAME"],
  flags: {},
  prepare:
    ({ operands: [text = ""], io }) =>
    async (config) => {
      const name = mirrorNamed(config, text);
      await removeMirror(config, name);
      io.stdout.write(`mirror ${name} removed; what it brought stays until the cache needs the room\n`);
      return EXIT.ok;
    },
};
