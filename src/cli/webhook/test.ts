import { testWebhook } from "#app/verbs/webhooks.ts";
import { printJson } from "../accounts/account-table.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT } from "../io.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { plainText } from "../terminal/plain-text.ts";

/** `berth webhook test NAME`. */
export const test: ConfigVerb = {
  operands: ["NAME"],
  flags: { json: { type: "boolean" } },
  prepare:
    ({ operands: [name = ""], flags, io }) =>
    async (config) => {
      const delivery = await interruptible(
        (line) => io.stderr.write(`${line}\n`),
        (signal) => testWebhook(config, name, signal),
      );
      if (flags.has("json"))
        printJson(
          { webhook: name, taken: delivery.taken, fault: delivery.taken ? null : delivery.fault },
          io,
        );
      else if (delivery.taken) io.stdout.write(`${name} took the ping\n`);
      else io.stderr.write(`${name} didn't take the ping: ${plainText(delivery.fault)}\n`);
      return delivery.taken ? EXIT.ok : EXIT.failure;
    },
};
