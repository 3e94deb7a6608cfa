/** `berth retention`: what the rules would remove, and removing it, next to a running server or without one. */
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { forgetRemoved } from "#maintenance/retention/forget-removed.ts";
import type { RetentionReport, RetentionWatch } from "#maintenance/retention/retention-report.ts";
import type { TagDecision } from "#maintenance/retention/survey.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { openMetadataAsItIs } from "../open/open-metadata.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";
import { retentionOf } from "../house/retention-of.ts";
import { createSettings } from "../settings.ts";

/**
 * What a run by this configuration would do, page by page; changes nothing.
 * @param names undefined: every repository that a rule covers. Throws repository-unknown.
 */
export async function* previewRetention(
  config: Config,
  names: readonly RepositoryName[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<TagDecision[], void, void> {
  await using metadata = await openMetadataAsItIs(config);
  for (const name of names ?? [])
    if (!(await metadata?.repositories.exists(name)))
      throw new AppError("repository-unknown", `there is no repository ${name}`, { subject: name });
  if (metadata !== undefined) yield* retentionOf(createSettings(config), metadata).preview(names, signal);
}

/** Removes what no rule keeps, and forgets what can't come back any more. Throws unavailable while another run goes on. */
export async function runRetention(
  config: Config,
  watch: RetentionWatch,
  signal: AbortSignal,
): Promise<RetentionReport & { forgotten: number }> {
  await using metadata = await openOperatorMetadata(config);
  const { undo } = config.retention;
  const report = await retentionOf(createSettings(config), metadata).run(signal, watch);
  const forgotten = await forgetRemoved(metadata.tagRoom, undo, () => metadata.now(), signal);
  return { ...report, forgotten };
}
