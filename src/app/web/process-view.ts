import type { LiveUpload } from "#core/live-upload.ts";
import type { CacheCounts } from "#pull-through/count-answers.ts";

/** What one process of the server knows alone, for people to look at; plain data, so it can travel to another. */
export interface ProcessView {
  uploads: LiveUpload[];
  /** Since the process began. */
  cache: CacheCounts[];
  /** Newest last; times in ms. */
  errors: { at: number; message: string }[];
}
