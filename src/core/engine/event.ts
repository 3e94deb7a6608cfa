/** Something that happened in the engine, as `docker events` tells it. */
export interface EngineEvent {
  type: "container" | "image" | "network" | "volume" | "daemon";
  /** `start`, `die`, `exec_create: sh -c true`, `health_status: healthy`, … */
  action: string;
  /** Of the container, network; the image's id or name; the volume's name. */
  id: string;
  /** name, image, labels, exitCode, signal, … */
  attributes: Record<string, string>;
  /** ns since 1970. */
  time: bigint;
}

/** Where services say what happened. */
export interface EngineEvents {
  emit(event: Omit<EngineEvent, "time">): void;
}
