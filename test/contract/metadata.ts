import { describe } from "node:test";
import type { Metadata } from "#core/metadata/metadata.ts";
import { blobContract } from "./metadata/blobs.ts";
import { claimContract } from "./metadata/claims.ts";
import { deleteContract } from "./metadata/deletes.ts";
import { pageContract } from "./metadata/pages.ts";
import { putContract } from "./metadata/puts.ts";
import { referenceContract } from "./metadata/references.ts";
import { referrerContract } from "./metadata/referrers.ts";
import { tagFactContract } from "./metadata/tag-facts.ts";
import { uploadContract } from "./metadata/uploads.ts";

/** What every implementation of Metadata promises. `open` gives a fresh, empty store on real parts. */
export function metadataContract(name: string, open: () => Promise<Metadata>): void {
  describe(`metadata: ${name}`, () => {
    describe("blobs", () => blobContract(open));
    describe("puts of manifests", () => putContract(open));
    describe("references of manifests", () => referenceContract(open));
    describe("tag facts and expectations", () => tagFactContract(open));
    describe("deletes", () => deleteContract(open));
    describe("pages", () => pageContract(open));
    describe("referrers", () => referrerContract(open));
    describe("uploads", () => uploadContract(open));
    describe("claims on uploads", () => claimContract(open));
  });
}
