import { deadLetters, listWebhooks } from "#app/verbs/webhooks.ts";
import { day, printJson, printTable } from "../accounts/account-table.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT, type Io } from "../io.ts";
import { plainText } from "../terminal/plain-text.ts";
import { letterJson, webhookJson } from "./webhook-json.ts";

/** `berth webhook list [NAME]`: all, or the dead letters of one. */
export const list: ConfigVerb = {
  operands: ["[NAME]"],
  flags: { json: { type: "boolean" } },
  prepare:
    ({ operands: [name], flags, io }) =>
    async (config) => {
      const json = flags.has("json");
      if (name === undefined) printWebhooks((await listWebhooks(config)).map(webhookJson), json, io);
      else {
        const letters: ReturnType<typeof letterJson>[] = [];
        for await (const letter of deadLetters(config, name)) letters.push(letterJson(letter));
        printLetters(name, letters, json, io);
      }
      return EXIT.ok;
    },
};

function printWebhooks(webhooks: ReturnType<typeof webhookJson>[], json: boolean, io: Io): void {
  if (json) {
    printJson({ webhooks }, io);
    return;
  }
  printTable(
    ["NAME", "STATE", "DELIVERED", "BEHIND", "DEAD", "NEXT"],
    webhooks.map(({ name, state, delivered, behind, dead_letters, next_at }) => [
      name,
      state,
      String(delivered),
      String(behind),
      String(dead_letters),
      next_at === null ? "-" : day(next_at),
    ]),
    "no webhooks: see notifications.webhooks of the configuration",
    io,
  );
  printFaults(webhooks, io);
}

function printLetters(name: string, letters: ReturnType<typeof letterJson>[], json: boolean, io: Io): void {
  if (json) {
    printJson({ webhook: name, dead_letters: letters }, io);
    return;
  }
  printTable(
    ["ID", "EVENTS", "FROM", "TO", "DIED", "TRIES"],
    letters.map(({ id, events, first_at, last_at, died_at, failures }) => [
      ...[String(id), String(events), day(first_at), day(last_at), day(died_at), String(failures)],
    ]),
    `${name} has no dead letters`,
    io,
  );
  printFaults(
    letters.map(({ id, fault }) => ({ name: String(id), fault })),
    io,
  );
}

/** Named before one fault; --json has all. */
const mostNamed = 5;

/** Why the last tries failed: words of any length, so below the table, and each once. */
function printFaults(failed: readonly { name: string; fault: string | null }[], io: Io): void {
  const byFault = Map.groupBy(failed, ({ fault }) => fault);
  for (const [fault, of] of byFault) {
    if (fault === null) continue;
    const names = of.slice(0, mostNamed).map(({ name }) => name);
    const more = of.length > mostNamed ? ` and ${of.length - mostNamed} more` : "";
    io.stdout.write(`${names.join(", ")}${more}: ${plainText(fault)}\n`);
  }
}
