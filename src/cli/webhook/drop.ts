import { dropLetters } from "#app/verbs/webhooks.ts";
import { printJson } from "../accounts/account-table.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT } from "../io.ts";
import { chosenFlags, chosenLetters } from "./chosen.ts";

/** `berth webhook drop NAME --id N | --all`. */
export const drop: ConfigVerb = {
  operands: ["NAME"],
  flags: { ...chosenFlags, json: { type: "boolean" } },
  prepare({ operands: [name = ""], flags, io }) {
    const chosen = chosenLetters(flags, "drop");
    return async (config) => {
      const dropped = await dropLetters(config, name, chosen);
      if (flags.has("json")) printJson({ webhook: name, dropped }, io);
      else io.stdout.write(`${dropped} dead letter${dropped === 1 ? "" : "s"} of ${name} dropped\n`);
      return EXIT.ok;
    };
  },
};
