import type { BufferPool } from "#kit/buffer-pool.ts";
import type { Bucket } from "./bucket.ts";
import type { Checkpoints } from "./checkpoint.ts";
import type { Layout } from "./layout.ts";
import type { PartSizes } from "./part-sizes.ts";
import type { UploadMemory } from "./upload-memory.ts";

/** What the uploads of one store have in common. */
export interface UploadRoom {
  bucket: Bucket;
  layout: Layout;
  checkpoints: Checkpoints;
  memory: UploadMemory;
  sizes: PartSizes;
  inFlight: number;
  pool: BufferPool;
}
