import { describe } from "node:test";
import type { Metadata } from "#core/metadata/metadata.ts";
import { accountGroupContract } from "./metadata/account-groups.ts";
import { accountSecretContract } from "./metadata/account-secrets.ts";
import { accountContract } from "./metadata/accounts.ts";
import { auditChangeContract } from "./metadata/audit-changes.ts";
import { auditLogContract } from "./metadata/audit-log.ts";
import { blobFolderContract } from "./metadata/blob-folder.ts";
import { blobContract } from "./metadata/blobs.ts";
import { cachedContentContract } from "./metadata/cached-content.ts";
import { claimContract } from "./metadata/claims.ts";
import { deleteContract } from "./metadata/deletes.ts";
import { evictionContract } from "./metadata/evictions.ts";
import { leaseContract } from "./metadata/leases.ts";
import { loginContract } from "./metadata/logins.ts";
import { pageContract } from "./metadata/pages.ts";
import { putContract } from "./metadata/puts.ts";
import { referenceContract } from "./metadata/references.ts";
import { referrerContract } from "./metadata/referrers.ts";
import { serverContract } from "./metadata/servers.ts";
import { sealedKeyContract } from "./metadata/sealed-keys.ts";
import { tagFactContract } from "./metadata/tag-facts.ts";
import { uploadContract } from "./metadata/uploads.ts";

/** What every implementation of Metadata promises. `open` gives a fresh, empty store on real parts. */
export function metadataContract(name: string, open: () => Promise<Metadata>): void {
  describe(`metadata: ${name}`, () => {
    describe("blobs", () => blobContract(open));
    describe("the folder of blobs", () => blobFolderContract(open));
    describe("puts of manifests", () => putContract(open));
    describe("references of manifests", () => referenceContract(open));
    describe("tag facts and expectations", () => tagFactContract(open));
    describe("deletes", () => deleteContract(open));
    describe("pages", () => pageContract(open));
    describe("referrers", () => referrerContract(open));
    describe("uploads", () => uploadContract(open));
    describe("claims on uploads", () => claimContract(open));
    describe("accounts", () => accountContract(open));
    describe("groups of accounts", () => accountGroupContract(open));
    describe("secrets of accounts", () => accountSecretContract(open));
    describe("logins", () => loginContract(open));
    describe("leases", () => leaseContract(open));
    describe("servers", () => serverContract(open));
    describe("sealed keys", () => sealedKeyContract(open));
    describe("cached content", () => cachedContentContract(open));
    describe("evictions", () => evictionContract(open));
    describe("audit log", () => auditLogContract(open));
    describe("audit of changes", () => auditChangeContract(open));
  });
}
