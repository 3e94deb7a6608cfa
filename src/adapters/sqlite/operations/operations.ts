import type { Claims } from "../claims.ts";
import type { Connection } from "../connection.ts";
import { accountOperations, type AccountOperations } from "./ops-accounts.ts";
import { auditOperations, type AuditOperations } from "./ops-audit.ts";
import { blobFolderOperations, type BlobFolderOperations } from "./ops-blob-folder.ts";
import { blobOperations, type BlobOperations } from "./ops-blobs.ts";
import { cachedOperations, type CachedOperations } from "./ops-cached.ts";
import { factCheckOperations, type FactCheckOperations } from "./ops-fact-checks.ts";
import { garbageOperations, type GarbageOperations } from "./ops-garbage.ts";
import { groupOperations, type GroupOperations } from "./ops-groups.ts";
import { hostedPullOperations, type HostedPullOperations } from "./ops-hosted-pulls.ts";
import { housekeepingOperations, type HousekeepingOperations } from "./ops-housekeeping.ts";
import { leaseOperations, type LeaseOperations } from "./ops-leases.ts";
import { loginOperations, type LoginOperations } from "./ops-logins.ts";
import { manifestOperations, type ManifestOperations } from "./ops-manifests.ts";
import { outboxOperations, type OutboxOperations } from "./ops-outbox.ts";
import { secretOperations, type SecretOperations } from "./ops-secrets.ts";
import { sealedKeyOperations, type SealedKeyOperations } from "./ops-sealed-keys.ts";
import { serverOperations, type ServerOperations } from "./ops-servers.ts";
import { tagRoomOperations, type TagRoomOperations } from "./ops-tag-room.ts";
import { tagOperations, type TagOperations } from "./ops-tags.ts";
import { uploadOperations, type UploadOperations } from "./ops-uploads.ts";
import { usageOperations, type UsageOperations } from "./ops-usage.ts";
import { webSessionOperations, type WebSessionOperations } from "./ops-web-sessions.ts";
import { webhookOperations, type WebhookOperations } from "./ops-webhooks.ts";

/** Every mutation, by name: a synchronous function that runs inside the writer's transaction. */
export type Operations = AuditOperations &
  BlobOperations &
  BlobFolderOperations &
  CachedOperations &
  GarbageOperations &
  ManifestOperations &
  TagOperations &
  TagRoomOperations &
  UploadOperations &
  UsageOperations &
  AccountOperations &
  GroupOperations &
  SecretOperations &
  LoginOperations &
  LeaseOperations &
  SealedKeyOperations &
  HousekeepingOperations &
  FactCheckOperations &
  OutboxOperations &
  WebhookOperations &
  HostedPullOperations &
  ServerOperations &
  WebSessionOperations & { probe: (args: Record<string, never>) => void };

export type OpName = keyof Operations;
export type OpArgs<K extends OpName> = Parameters<Operations[K]>[0];
export type OpResult<K extends OpName> = ReturnType<Operations[K]>;

/** A mutation as plain data that structured cloning keeps, so it can cross to another process. */
export type Op = { [K in OpName]: { op: K; args: OpArgs<K> } }[OpName];

/** Names of the operations that change memory only; a batch of nothing else never touches the disk. */
export const volatileOps: ReadonlySet<string> = new Set<OpName>([
  "claimUpload",
  "renewUpload",
  "releaseUpload",
  "loginAttempt",
  "loginSucceeded",
]);

/** The table of operations on one connection, statements prepared. */
export function operationTable(db: Connection, claims: Claims): Map<string, (args: never) => unknown> {
  const probe = db.prepare<[]>("UPDATE write_probe SET writes = writes + 1");
  const operations: Operations = {
    ...auditOperations(db),
    ...blobOperations(db, claims),
    ...blobFolderOperations(db),
    ...cachedOperations(db),
    ...garbageOperations(db),
    ...manifestOperations(db),
    ...tagOperations(db),
    ...tagRoomOperations(db),
    ...uploadOperations(db, claims),
    ...usageOperations(db),
    ...accountOperations(db),
    ...groupOperations(db),
    ...secretOperations(db),
    ...loginOperations(),
    ...leaseOperations(db),
    ...serverOperations(db),
    ...webSessionOperations(db),
    ...housekeepingOperations(db),
    ...factCheckOperations(db),
    ...outboxOperations(db),
    ...webhookOperations(db),
    ...hostedPullOperations(db),
    ...sealedKeyOperations(db),
    /** Writes, so that a full or read-only disk shows. */
    probe: () => void probe.run(),
  };
  return new Map(Object.entries(operations));
}
