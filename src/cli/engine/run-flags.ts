import type { DockerFlag } from "./docker-flags.ts";
import { HOST_FLAGS } from "./host.ts";

const yes = { kind: "yes" } as const;
const text = { kind: "text" } as const;
const list = { kind: "list" } as const;

/** Flags of `berth run`, in docker's spelling; but --host is the engine's, as of every verb. */
export const RUN_FLAGS = {
  ...HOST_FLAGS,
  detach: { kind: "yes", short: "d" },
  interactive: { kind: "yes", short: "i" },
  tty: { kind: "yes", short: "t" },
  rm: yes,
  name: text,
  env: { kind: "list", short: "e" },
  "env-file": list,
  publish: { kind: "list", short: "p" },
  "publish-all": { kind: "yes", short: "P" },
  volume: { kind: "list", short: "v" },
  mount: list,
  tmpfs: list,
  network: text,
  net: text,
  "network-alias": list,
  workdir: { kind: "text", short: "w" },
  user: { kind: "text", short: "u" },
  entrypoint: text,
  restart: text,
  memory: { kind: "text", short: "m" },
  cpus: text,
  "pids-limit": text,
  "shm-size": text,
  init: yes,
  privileged: yes,
  "cap-add": list,
  "cap-drop": list,
  "security-opt": list,
  "read-only": yes,
  label: { kind: "list", short: "l" },
  hostname: { kind: "text", short: "h" },
  "add-host": list,
  dns: list,
  "stop-signal": text,
  "stop-timeout": text,
  platform: text,
  pull: text,
  "detach-keys": text,
} as const satisfies Record<string, DockerFlag>;
