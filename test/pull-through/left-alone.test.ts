import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import { createWeather } from "#pull-through/weather.ts";

const failed = () => Promise.reject(new AppError("upstream-failed", "the upstream doesn't answer"));

/** An upstream's weather, with a clock that the test sets. */
function weather() {
  const clock = { now: 1_000_000 };
  const { ask } = createWeather("docker.io", () => clock.now);
  const outcome = (work: () => Promise<unknown>) => ask(work).catch((error: unknown) => error as AppError);
  return { clock, outcome };
}

test("many that fail at the same moment count as one failure too many: 5 s, not minutes", async () => {
  const { clock, outcome } = weather();
  const gate = Promise.withResolvers<void>();
  const all = Array.from({ length: 100 }, () => outcome(() => gate.promise.then(failed)));
  gate.resolve();
  await Promise.all(all);
  const next = await outcome(failed);
  assert.ok(next instanceof AppError);
  assert.equal(next.retryAfter, 5);
  clock.now += 5_000;
  await outcome(failed);
  const after = await outcome(failed);
  assert.ok(after instanceof AppError);
  assert.equal(after.retryAfter, 10, "each trial that fails doubles it");
  clock.now += 10_000;
  assert.equal(await outcome(() => Promise.resolve("good")), "good");
  assert.equal(await outcome(() => Promise.resolve("good")), "good");
});
