/** What one room may import. The table of docs/architecture.md as data. */
export interface Room {
  /** `kit`, `adapters/disk`, `main`. Files of the room are `src/NAME.ts` or lie in `src/NAME/`. */
  name: string;
  /** Rooms that it may import, `adapters/*` standing for each adapter. */
  rooms: readonly string[];
  /** Rooms of which only types may be imported. */
  roomTypes?: readonly string[];
  /** Built-in modules without `node:`, each with its sub-paths (`stream` covers `stream/promises`). */
  builtins: readonly string[] | "every";
  /** Built-in modules of which only types may be imported. */
  builtinTypes?: readonly string[];
  libraries: readonly string[];
}

const services = ["registry", "auth", "pull-through", "engine", "maintenance", "notify"];
const below = ["core", "oci", "kit"];
const everyFloor = [...below, "config", ...services, "adapters/*", "http/*"];

/** The one library that an adapter is there to wrap; an adapter that isn't listed gets none. */
const drivers: Readonly<Record<string, readonly string[]>> = {
  "adapters/engine-records": ["better-sqlite3"],
  "adapters/sqlite": ["better-sqlite3"],
  "adapters/postgres": ["pg"],
  "adapters/prometheus": ["prom-client"],
  "adapters/s3": ["@aws-sdk/client-s3", "@aws-sdk/s3-request-presigner"],
  "adapters/upstream-http": ["undici"],
  "adapters/webhook": ["undici"],
};

/** The room that a file of `src` belongs to; undefined where the house has none. */
export function roomOf(path: string): Room | undefined {
  const [, first = "", second, third] = path.split("/");
  if (second === undefined) {
    // The two files that are rooms of their own.
    return first === "main.ts" || first === "app.ts" ? roomNamed(first.slice(0, -".ts".length)) : undefined;
  }
  if (first === "main") return undefined;
  // Bundles the page; no part of it.
  if (path === "src/web/build.ts") return roomNamed("web/build");
  if (first !== "adapters" && first !== "http") return roomNamed(first);
  return third === undefined ? undefined : roomNamed(`${first}/${second}`);
}

function roomNamed(name: string): Room | undefined {
  switch (name) {
    case "kit":
      // A library that a tool is built on is added here by name, when it is chosen.
      return {
        name,
        rooms: [],
        builtins: "every",
        libraries: ["better-sqlite3", "jsonwebtoken", "@node-rs/argon2", "@node-rs/bcrypt"],
      };
    case "oci":
      return { name, rooms: [], builtins: ["crypto"], libraries: [] };
    case "core":
      return { name, rooms: ["oci"], builtins: [], builtinTypes: ["stream"], libraries: [] };
    case "config":
      return { name, rooms: [], builtins: [], libraries: ["yaml", "zod"] };
    case "web":
      // Runs in browsers.
      return { name, rooms: [], roomTypes: ["core"], builtins: [], libraries: ["preact"] };
    case "web/build":
      return { name, rooms: [], builtins: "every", libraries: ["esbuild"] };
    case "http/edge":
      return { name, rooms: below, builtins: "every", libraries: ["koa", "pino"] };
    case "app":
      return {
        name,
        rooms: everyFloor,
        builtins: "every",
        libraries: ["pino"],
      };
    case "cli":
      return { name, rooms: ["app", ...everyFloor], builtins: "every", libraries: ["pino"] };
    case "main":
      return { name, rooms: ["app", "cli", "config"], builtins: "every", libraries: [] };
  }
  if (services.includes(name)) {
    return { name, rooms: below, builtins: ["stream", "events", "timers"], libraries: [] };
  }
  if (name.startsWith("adapters/")) {
    return { name, rooms: below, builtins: "every", libraries: drivers[name] ?? [] };
  }
  if (name.startsWith("http/")) {
    return { name, rooms: ["http/edge", ...below], builtins: ["stream"], libraries: ["@koa/router"] };
  }
  return undefined;
}

/** Whether `list` holds the room, by its name or as one of `adapters/*`, `http/*`. */
export function holdsRoom(list: readonly string[], name: string): boolean {
  return list.includes(name) || list.includes(name.replace(/\/.*$/, "/*"));
}
