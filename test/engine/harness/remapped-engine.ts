import { mkdtemp, rm } from "node:fs/promises";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testEngine, type TestEngine } from "./engine.ts";

export const first = 200_000;

/** An engine whose containers' ids begin at `first` on this machine, on a folder that root in them can pass. */
export async function remappedEngine(
  count = 65_536,
  runtime: "auto" | "crun" | "runc" = "auto",
): Promise<TestEngine & { data: string }> {
  const folder = await mkdtemp(join(tmpdir(), "be-ids-"));
  await chmod(folder, 0o711);
  const data = join(folder, "engine");
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const engine = await testEngine({ engine: { data, userns_remap: `${first}:${count}`, runtime } });
    return Object.assign(Object.create(engine) as TestEngine, {
      data,
      async [Symbol.asyncDispose]() {
        await engine[Symbol.asyncDispose]();
        await remove();
      },
    });
  } catch (error) {
    await remove();
    throw error;
  }
}
