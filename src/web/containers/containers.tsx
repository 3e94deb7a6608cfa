import { useState } from "preact/hooks";
import type { ContainerView, Listed } from "#core/web/views.ts";
import { wordsOf } from "../api/fault.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { useBerth } from "../frame/berth-context.ts";
import { CommandLine } from "../parts/command-line.tsx";
import { Empty } from "../parts/empty.tsx";
import { FaultNote } from "../parts/fault-note.tsx";
import { Heading } from "../parts/heading.tsx";
import { LookAgain } from "../parts/look-again.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { Logs } from "./logs.tsx";

/** Containers of the engine: state, logs, start and stop. */
export function Containers() {
  const { session } = useBerth();
  const { data, fault, loading, reload } = useLoaded<Listed<ContainerView>>("/containers");
  const [shown, setShown] = useState<string>();
  const containers = data?.items ?? [];
  const logged = containers.find(({ id }) => id === shown);
  return (
    <>
      <Heading title="Containers" aside={<LookAgain loading={loading} reload={reload} />} />
      {fault && <FaultNote fault={fault} retry={reload} />}
      {!data && !fault && <p class="muted">Loading…</p>}
      {data && containers.length === 0 && (
        <Empty title="There is no container.">
          <p>Berth's engine speaks docker's API. To run one from what is stored here:</p>
          <CommandLine text={`docker run ${session.host}/my-image:latest`} />
        </Empty>
      )}
      {containers.length > 0 && (
        <Table
          caption="Containers"
          columns={[
            { title: "Name" },
            { title: "Image" },
            { title: "State" },
            { title: "Ports" },
            { title: "Actions", silent: true },
          ]}
        >
          {containers.map((container) => (
            <ContainerRow
              key={container.id}
              container={container}
              shown={container.id === shown}
              show={(open) => setShown(open ? container.id : undefined)}
              onChange={reload}
            />
          ))}
        </Table>
      )}
      {logged && <Logs key={logged.id} container={logged} onClose={() => setShown(undefined)} />}
    </>
  );
}

interface ContainerRowProps {
  container: ContainerView;
  /** Whether its logs are. */
  shown: boolean;
  show(open: boolean): void;
  onChange(): void;
}

function ContainerRow({ container, shown, show, onChange }: ContainerRowProps) {
  const { api, say, session } = useBerth();
  const [busy, setBusy] = useState(false);
  const { id, name, state } = container;
  const running = ["running", "restarting", "paused"].includes(state);
  const change = async (verb: "start" | "stop") => {
    setBusy(true);
    try {
      await api.change("POST", `/containers/${encodeURIComponent(id)}/${verb}`);
      say(verb === "start" ? `${name} was started.` : `${name} was stopped.`);
      onChange();
    } catch (error) {
      say(wordsOf(error));
    }
    setBusy(false);
  };
  const verb = running ? "stop" : "start";
  return (
    <Row>
      <RowHead>{name}</RowHead>
      <Cell of="Image">
        <span class="step" title={container.image}>
          {container.image.replace(`${session.host}/`, "")}
        </span>
      </Cell>
      <Cell of="State">
        <span class={state === "running" ? "mark good" : "mark plain"}>{state}</span>{" "}
        <span class="muted small">{container.status}</span>
      </Cell>
      <Cell of="Ports">
        {container.ports.length === 0 ? <span class="muted">–</span> : container.ports.join(", ")}
      </Cell>
      <Cell of="">
        <span class="buttons">
          <button
            type="button"
            class="button"
            aria-pressed={shown}
            aria-label={`Logs of ${name}`}
            onClick={() => show(!shown)}
          >
            Logs
          </button>
          <button
            type="button"
            class="button"
            aria-label={`${verb === "stop" ? "Stop" : "Start"} ${name}`}
            disabled={busy}
            onClick={() => void change(verb)}
          >
            {verb === "stop" ? "Stop" : "Start"}
          </button>
        </span>
      </Cell>
    </Row>
  );
}
