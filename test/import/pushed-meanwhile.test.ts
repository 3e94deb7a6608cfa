import assert from "node:assert/strict";
import { test } from "node:test";
import { createDistributionSource } from "#adapters/distribution-tree/distribution-source.ts";
import { openFolderTree } from "#adapters/distribution-tree/folder-tree.ts";
import { openOperatorMetadata } from "#app/open/operator-metadata.ts";
import { openStore } from "#app/open/open-store.ts";
import type { RegistrySource } from "#core/registry-source.ts";
import { importRegistry } from "#maintenance/importing/import-registry.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { oci } from "../harness/registry-client.ts";
import { distributionTree } from "./tree.ts";

test("what is pushed there while a repository is read comes with the manifest that names it", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.file("old"));
  const [image, child] = [oci.image(), oci.image()];
  const index = oci.index({ manifests: [child.descriptor] });
  tree.push("app", image, "v1");
  tree.push("app", child);
  tree.push("app", index, "all");
  const whole = createDistributionSource(await openFolderTree(folder.file("old")));
  // As a listing sees it that passed the layers, and one of the manifests, before they came.
  const source: RegistrySource = {
    ...whole,
    async *repositories() {
      for await (const repository of whole.repositories())
        yield {
          ...repository,
          blobs: [],
          manifests: repository.manifests.filter((digest) => digest !== child.digest),
        };
    },
  };
  const config = defaultConfig(folder.file("data"));
  await using metadata = await openOperatorMetadata(config);
  const { repositories, blobFolder } = metadata;
  const report = await importRegistry(
    {
      source,
      facts: repositories,
      into: { repositories, store: await openStore(config, blobFolder) },
      manifestLimit: 4 * 1024 * 1024,
      clock: Date.now,
      by: undefined,
      progress: { expect: () => undefined, add: () => undefined, done: () => undefined },
    },
    { takes: () => true, overwrite: false },
  );
  assert.deepEqual([report.leftOut, report.lacking], [[], []]);
  assert.deepEqual([report.manifests.stored, report.blobs.copied + report.blobs.cloned], [3, 4]);
});
