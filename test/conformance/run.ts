/**
 * `npm run conformance`: a fresh Berth → the official suite → its reports → verdict, exit code, documentation.
 * The suite is on no package registry, so this never runs as part of the tests.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeAuthority } from "../harness/certificates.ts";
import { startNginx } from "../nginx/nginx.ts";
import { startBackends } from "./backends.ts";
import { startBerth, type FreshBerth } from "./berth.ts";
import { parseOptions, usage, type Options, type Setting } from "./options.ts";
import { readResults } from "./results.ts";
import { runSuite } from "./suite.ts";
import { summaryOf, withSummary } from "./summary.ts";
import { faultsOf } from "./verdict.ts";

const root = resolve(import.meta.dirname, "../..");

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options !== "help") return await test(options);
    console.log(usage);
    return 0;
  } catch (error) {
    console.error(`conformance: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}

/** 0 when every test passed, 1 when not. */
async function test(options: Options): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "berth-conformance-"));
  try {
    const results = options.results ?? join(folder, "results");
    {
      await using backends = await startBackends(options.setting);
      await using berth = await startBerth(folder, options.setting, backends).catch(
        async (error: unknown) => {
          console.error((await readFile(join(folder, "berth-errors.txt"), "utf8")).slice(-3000));
          throw error;
        },
      );
      await using front = options.setting.nginx ? await startFront(folder, berth) : undefined;
      const { suite, timeout } = options;
      const { address: registry, ca } = front ?? { address: berth.address, ca: undefined };
      const { redirects } = options.setting;
      await runSuite({ suite, registry, ca, redirects, login: berth.login, results, timeout });
    }
    const read = await readResults(results);
    const suite = options.suiteVersion ?? read.commit;
    const facts = { version: await ownVersion(), suite, date: new Date(), setting: options.setting };
    const summary = summaryOf(read, facts);
    console.log(summary);
    if (options.writeDocs) await writeDocs(summary, options.setting);
    const faults = faultsOf(read);
    if (faults.length === 0) {
      console.log("\nEvery test passed.");
      return 0;
    }
    console.error(`\nNot conformant:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    if (options.results === undefined) console.error("\nAdd --results DIR to keep the suite's reports.");
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeDocs(summary: string, setting: Setting): Promise<void> {
  const file = join(root, "docs/conformance.md");
  await writeFile(file, withSummary(await readFile(file, "utf8"), summary, setting));
}

/** nginx with TLS in front of Berth. */
async function startFront(folder: string, { address, blobs }: FreshBerth) {
  await using stack = new AsyncDisposableStack();
  const authority = stack.use(makeAuthority());
  // nginx' workers go through it to the blobs.
  await chmod(folder, 0o711);
  const nginx = stack.use(await startNginx(`http://${address}`, blobs, authority.issue("registry")));
  const started = stack.move();
  return {
    address: new URL(nginx.url).host,
    ca: authority.file,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  return version;
}
