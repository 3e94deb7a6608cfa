import assert from "node:assert/strict";
import { test } from "node:test";
import { createDistributionSource } from "#adapters/distribution-tree/distribution-source.ts";
import { openFolderTree } from "#adapters/distribution-tree/folder-tree.ts";
import { openOperatorMetadata } from "#app/open/operator-metadata.ts";
import { openStore } from "#app/open/open-store.ts";
import { importRegistry } from "#maintenance/importing/import-registry.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { oci } from "../harness/registry-client.ts";
import { told } from "./imported.ts";
import { distributionTree } from "./tree.ts";

test("a manifest whose blobs were cleaned away before it came is left out, and told of", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.file("old"));
  const image = oci.image();
  tree.push("app", image, "v1");
  const source = createDistributionSource(await openFolderTree(folder.file("old")));
  const config = defaultConfig(folder.file("data"));
  await using metadata = await openOperatorMetadata(config);
  const { repositories, blobFolder, usage } = metadata;
  const store = await openStore(config, blobFolder);
  const run = (removing: boolean) =>
    importRegistry(
      {
        source,
        facts: repositories,
        into: {
          repositories: {
            ...repositories,
            async putManifest(put) {
              if (removing) await usage.takeBack(put.repository, undefined, 0, Date.now());
              return await repositories.putManifest(put);
            },
          },
          store,
        },
        manifestLimit: 4 * 1024 * 1024,
        clock: Date.now,
        by: undefined,
        progress: { expect: () => undefined, add: () => undefined, done: () => undefined },
      },
      { takes: () => true, overwrite: false },
    );
  const report = await run(true);
  assert.match(told(report.leftOut).join("\n"), /blob sha256:.* was removed meanwhile.*run the import again/);
  assert.equal(report.manifests.stored, 0);
  assert.deepEqual(await repositories.tags("app" as RepositoryName, { limit: 9, last: undefined }), []);
  const again = await run(false);
  assert.deepEqual([again.leftOut, again.manifests.stored], [[], 1]);
});
