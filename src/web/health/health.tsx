import type { HealthView } from "#core/web/views.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { useBerth } from "../frame/berth-context.ts";
import { Empty } from "../parts/empty.tsx";
import { FaultNote } from "../parts/fault-note.tsx";
import { Heading } from "../parts/heading.tsx";
import { LookAgain } from "../parts/look-again.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { bytes } from "../words/bytes.ts";
import { count } from "../words/count.ts";
import { Damage } from "./damage.tsx";

/** Whether all is well, and what was not. */
export function Health() {
  const { session } = useBerth();
  const { data, fault, loading, reload } = useLoaded<HealthView>("/health");
  const well = data !== undefined && data.ready && data.warnings.length + data.damage.length === 0;
  return (
    <>
      <Heading title="Health" aside={<LookAgain loading={loading} reload={reload} />} />
      {fault && <FaultNote fault={fault} retry={reload} />}
      {!data && !fault && <p class="muted">Loading…</p>}
      {data && (
        <>
          <div class={well ? "note good" : data.ready ? "note warn" : "note bad"}>
            <p>
              <strong>
                {!data.ready
                  ? "Berth is not ready to serve."
                  : well
                    ? "All is well."
                    : "Berth serves, but something asks for attention."}
              </strong>
            </p>
            {data.warnings.length > 0 && (
              <ul>
                {data.warnings.map((warning) => (
                  <li key={warning}>{warning}</li>
                ))}
              </ul>
            )}
          </div>
          {data.garbage && (
            <p>
              {data.garbage.waitingBlobs === 0
                ? "Nothing waits for garbage collection."
                : `${count(data.garbage.waitingBlobs, "blob")} (${bytes(data.garbage.waitingBytes)}) wait for garbage collection.`}
            </p>
          )}
          <Damage damage={data.damage} />
          {(session.admin || session.auth === "open") && <Errors errors={data.errors} />}
        </>
      )}
    </>
  );
}

function Errors({ errors }: Pick<HealthView, "errors">) {
  return (
    <section>
      <h2>Newest errors</h2>
      {errors.length === 0 ? (
        <Empty title="No error since the start." />
      ) : (
        <ul class="errors">
          {errors.map(({ at, message }, index) => (
            <li key={`${at} ${index}`}>
              <span class="muted small">
                <RelativeTime at={at} />
              </span>
              <code>{message}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
