import { replay as replayLetters, type Replayed } from "#app/verbs/webhooks.ts";
import { printJson } from "../accounts/account-table.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT } from "../io.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { plainText } from "../terminal/plain-text.ts";
import { chosenFlags, chosenLetters } from "./chosen.ts";
import { replayedJson } from "./webhook-json.ts";

/** `berth webhook replay NAME --id N | --all`. */
export const replay: ConfigVerb = {
  operands: ["NAME"],
  flags: { ...chosenFlags, json: { type: "boolean" } },
  prepare({ operands: [name = ""], flags, io }) {
    const chosen = chosenLetters(flags, "replay");
    const json = flags.has("json");
    return async (config) => {
      const all: Replayed[] = [];
      await interruptible(
        (line) => io.stderr.write(`${line}\n`),
        async (signal) => {
          for await (const one of replayLetters(config, name, chosen, signal)) {
            all.push(one);
            if (json) continue;
            const { id, events, fault } = one;
            const what = `dead letter ${id} of ${name}, ${events} event${events === 1 ? "" : "s"}`;
            if (fault === undefined) io.stdout.write(`${what}: taken\n`);
            else io.stderr.write(`${what}: ${plainText(fault)}; the others weren't tried\n`);
          }
        },
      );
      if (json) printJson({ webhook: name, replayed: all.map(replayedJson) }, io);
      else if (all.length === 0) io.stderr.write(`${name} has no dead letters\n`);
      return all.every(({ fault }) => fault === undefined) ? EXIT.ok : EXIT.failure;
    };
  },
};
