import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSignal } from "#engine/signals.ts";

test("signals by name and by number, as docker takes them", () => {
  const known: Record<string, number> = {
    SIGTERM: 15,
    TERM: 15,
    sigterm: 15,
    "15": 15,
    KILL: 9,
    HUP: 1,
    USR1: 10,
    CHLD: 17,
    WINCH: 28,
    SYS: 31,
    "RTMIN+3": 37,
    SIGRTMAX: 64,
    "RTMAX-14": 50,
    "64": 64,
  };
  for (const [text, number] of Object.entries(known)) assert.equal(parseSignal(text), number, text);
  for (const text of ["", "FOO", "0", "-1", "65", "99", " TERM", "15 ", "1e1", "TERM\n", "__proto__", "SIG"])
    assert.throws(() => parseSignal(text), { code: "engine-invalid", message: `Invalid signal: ${text}` });
});
