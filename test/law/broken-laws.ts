import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { circlesIn } from "./circles.ts";
import { mentionsOf, type Import } from "./imports-of.ts";
import { holdsRoom, roomOf, type Room } from "./room.ts";
import type { Tree } from "./tree.ts";

/** Lines of one file. A longer one holds more than one idea. */
const mostLines = 300;
/** Names that say nothing, and so gather everything. */
const emptyWords = new Set(["util", "utils", "helper", "helpers", "shared", "common", "manager", "managers"]);
/** The bin runs on whatever Node is there, so it can't be TypeScript. */
const plainScript = "src/berth.js";

/** Every breach of the law in the tree, one line each: the file, what it does, the law. */
export function brokenLaws(tree: Tree): string[] {
  const faults: string[] = [];
  const graph = new Map<string, Set<string>>();
  for (const [path, text] of tree) {
    faults.push(...nameFaults(path), ...lengthFaults(path, text));
    if (path === plainScript) continue;
    const room = path.startsWith("src/") ? roomOf(path) : undefined;
    const { imports, environment } = mentionsOf(path, text);
    const targets = new Set<string>();
    for (const one of imports) {
      const target = targetOf(path, one.specifier);
      if (target !== undefined) targets.add(target);
      const law = room
        ? (writingFault(path, one, room) ?? tableFault(room, one, target))
        : testFault(path, one);
      if (law !== undefined)
        faults.push(`${path}:${one.line} imports ${one.specifier ?? "a computed name"}: ${law}`);
    }
    graph.set(path, targets);
    if (room && room.name !== "main") {
      for (const line of environment) {
        faults.push(`${path}:${line} reads process.env: only src/main.ts does; pass the value down`);
      }
    }
  }
  for (const circle of circlesIn(graph)) {
    faults.push(`${circle.join(" → ")}: files never import each other in a circle, types included`);
  }
  return faults;
}

function nameFaults(path: string): string[] {
  const faults: string[] = [];
  for (const part of path.split("/").slice(1)) {
    const name = part.replace(/(\.test)?\.[cm]?[jt]sx?$/, "");
    const words = name.toLowerCase().split(/[-_.]/);
    const empty = [name.toLowerCase(), words.at(-1) ?? ""].find((word) => emptyWords.has(word));
    if (empty !== undefined) faults.push(`${path}: "${empty}" is no name; call it by what it does`);
  }
  if (!path.startsWith("src/")) return faults;
  const isSource = path.endsWith(".ts") || (path.startsWith("src/web/") && path.endsWith(".tsx"));
  if (!isSource && path !== plainScript) {
    faults.push(`${path}: sources are .ts, in src/web .tsx, too; only ${plainScript} is plain JavaScript`);
  } else if (path !== plainScript && !roomOf(path)) {
    faults.push(
      `${path}: the house has no such room; put the file into one, or add the room to test/law/room.ts`,
    );
  }
  return faults;
}

function lengthFaults(path: string, text: string): string[] {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return lines > mostLines
    ? [`${path}: ${lines} lines; a file has at most ${mostLines}, split it by idea`]
    : [];
}

/** Path in the tree that a specifier means; undefined for built-ins and libraries. */
function targetOf(path: string, specifier: string | undefined): string | undefined {
  if (specifier?.startsWith("#")) return `src/${specifier.slice(1)}`;
  if (specifier?.startsWith(".")) return posix.join(posix.dirname(path), specifier);
  return undefined;
}

/** How an import has to be written, whoever it means. */
function writingFault(path: string, { specifier, located }: Import, room: Room): string | undefined {
  if (specifier === undefined) return "write the name out, so that it can be checked";
  const target = targetOf(path, specifier);
  if (target !== undefined) {
    if (!/\.tsx?$/.test(specifier)) return "name the file with its .ts";
    if (!target.startsWith("src/")) return "nothing in src imports what lies outside of it";
    // The build leaves these as they are; only a # name means the same file from src and from dist.
    if (located !== undefined && !(located === "resolve" && specifier.startsWith("#"))) {
      return 'locate it by import.meta.resolve("#ROOM/FILE.ts")';
    }
    if (located !== undefined) return undefined;
    const inside = roomOf(target)?.name === room.name;
    if (specifier.startsWith(".") && !inside)
      return "relative imports stay in their room; write #ROOM/FILE.ts";
    if (specifier.startsWith("#") && inside) return "inside one room imports are relative";
    return undefined;
  }
  if (specifier.startsWith("/") || specifier.includes("://")) return "import by room, not by place on disk";
  if (isBuiltin(specifier) && !specifier.startsWith("node:")) return `write node:${specifier}`;
  return undefined;
}

/** Who may import whom. */
function tableFault(
  room: Room,
  { specifier = "", typeOnly }: Import,
  target: string | undefined,
): string | undefined {
  if (target !== undefined) {
    const other = roomOf(target);
    if (!other) return "the house has no such room";
    if (other.name === room.name || holdsRoom(room.rooms, other.name)) return undefined;
    if (room.roomTypes?.includes(other.name) === true) {
      return typeOnly ? undefined : `${room.name} may import only types of ${other.name}`;
    }
    return `${room.name} may import ${list(room.rooms)} of ours, not ${other.name}`;
  }
  if (specifier.startsWith("node:")) {
    const name = specifier.slice("node:".length);
    if (name === "process" && room.name !== "main")
      return "process is a global; its env is for src/main.ts only";
    if (room.builtins === "every") return undefined;
    const covers = (module: string) => name === module || name.startsWith(`${module}/`);
    if (room.builtins.some(covers) || (typeOnly && room.builtinTypes?.some(covers))) return undefined;
    if (room.builtinTypes?.some(covers)) return `${room.name} may import only types of ${specifier}`;
    return `${room.name} may import ${list(room.builtins.map((module) => `node:${module}`))} of Node`;
  }
  const library = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  if (room.libraries.includes(library)) return undefined;
  return `${room.name} may import ${list(room.libraries)} of the libraries`;
}

/** Tests may import what they like, by its proper name. */
function testFault(path: string, { specifier, located }: Import): string | undefined {
  const target = targetOf(path, specifier);
  if (specifier === undefined || target === undefined || located !== undefined) return undefined;
  if (!specifier.endsWith(".ts")) return "name the file with its .ts";
  if (specifier.startsWith(".") && target.startsWith("src/"))
    return "tests reach src by room; write #ROOM/FILE.ts";
  return undefined;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
