import assert from "node:assert/strict";
import { test } from "node:test";
import { takeOver } from "#app/reload.ts";
import { createSettings } from "#app/settings.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { open } from "#core/caller.ts";

test("quotas change while the server runs", () => {
  const before = defaultConfig("/srv/data");
  const after = defaultConfig("/srv/data", "quotas: [{ name: new, bytes: 1KiB }]\n");
  const settings = createSettings(before);
  assert.equal(settings.quotas.current.none, true);
  const { config, later } = takeOver(before, after);
  assert.deepEqual(later, []);
  settings.apply(config);
  const [fact] = settings.quotas.current.facts(open, "app" as RepositoryName);
  assert.deepEqual([fact?.name, fact?.bytes], ["new", 1024]);
});
