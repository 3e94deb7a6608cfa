import { noTime, type ContainerState } from "#core/engine/container.ts";
import { durationText } from "./duration.ts";

/** The STATUS column of `docker ps`. @param now ms since 1970 */
export function statusText(state: ContainerState, now: number): string {
  const since = (time: string) => durationText(now - Date.parse(time));
  switch (state.status) {
    case "paused":
      return `Up ${since(state.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "running": {
      const health = state.health?.status;
      const told = health === "starting" ? "health: starting" : health;
      return `Up ${since(state.startedAt)}${told === undefined ? "" : ` (${told})`}`;
    }
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
    case "created":
      return "Created";
    case "exited":
      return state.finishedAt === noTime ? "" : `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
  }
}
