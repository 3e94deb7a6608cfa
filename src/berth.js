#!/usr/bin/env node
/**
 * Starts Berth with the right Node. Whichever Node runs this file may be old (the system's), so it keeps to
 * syntax that Node 12 can parse. A checkout runs its sources, an installed package runs dist/.
 */
import { spawn } from "child_process";
import { existsSync, readFileSync } from "fs";
import { constants } from "os";
import { dirname, join } from "path";
import { fileURLToPath, pathToFileURL } from "url";

const NEEDED = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "src", "main.ts");
const built = join(root, "dist", "main.js");

start();

function start() {
  const fromSource = existsSync(source);
  if (!fromSource && !existsSync(built)) {
    return fail("there is neither src/main.ts nor dist/main.js in " + root + "; install Berth again");
  }
  const args = fromSource ? ["--conditions=berth-src", source] : [built];
  if (major(process.versions.node) < NEEDED) {
    const node = installedNode();
    if (node === undefined) return fail(advice(fromSource));
    return handOver(node, args);
  }
  if (fromSource) return become(args);
  import(pathToFileURL(built).href).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

function major(version) {
  return Number(String(version).split(".")[0]);
}

/** The Node that npm installed beside Berth, found as a package is: in node_modules here, then further up. */
function installedNode() {
  for (let folder = root; ; folder = dirname(folder)) {
    const home = join(folder, "node_modules", "node");
    const node = join(home, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (existsSync(node) && major(packageVersion(home)) >= NEEDED) return node;
    if (folder === dirname(folder)) return undefined;
  }
}

function packageVersion(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
  } catch (error) {
    return "0";
  }
}

function advice(fromSource) {
  const have = "Berth needs Node " + NEEDED + " or newer, this is Node " + process.versions.node + "; ";
  if (fromSource) return have + 'run "npm ci" in ' + root + ", which brings it";
  return have + "install it (https://nodejs.org) or, beside Berth, npm install node@" + NEEDED;
}

function fail(message) {
  console.error("berth: " + message);
  process.exitCode = 1;
}

/** The same Node with other options: where the system can, in this very process. */
function become(args) {
  const all = args.concat(process.argv.slice(2));
  if (typeof process.execve === "function" && process.platform !== "win32") {
    try {
      // Its warning of being experimental is queued for the next tick, which this process doesn't live to see.
      return process.execve(process.execPath, [process.execPath].concat(process.execArgv, all), process.env);
    } catch (error) {
      // Not permitted or not supported here: a child does as well.
    }
  }
  return handOver(process.execPath, args);
}

function handOver(node, args) {
  const child = spawn(node, args.concat(process.argv.slice(2)), { stdio: "inherit" });
  const forward = (signal) => {
    // A terminal sends these to every process in its foreground, so the child has its own already.
    if (signal !== "SIGTERM" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"];
  signals.forEach((signal) => process.on(signal, forward));
  child.on("error", (error) => fail("can't start " + node + ": " + error.message));
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    // Whoever waits for this process shall see the same end. A core dump of it would say nothing.
    process.exitCode = 128 + constants.signals[signal];
    signals.forEach((name) => process.removeListener(name, forward));
    if (signals.includes(signal) || signal === "SIGKILL") process.kill(process.pid, signal);
  });
}
