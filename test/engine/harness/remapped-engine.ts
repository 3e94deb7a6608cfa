import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testEngine, type TestEngine } from "./engine.ts";

/** Where ids of containers begin on this machine. */
export const first = 200_000;

export interface RemappedEngine extends AsyncDisposable {
  engine: TestEngine;
  /** Its data folder. */
  data: string;
}

/** An engine with `userns_remap`, on a folder that root in containers can pass. @param config of its own section. */
export async function remappedEngine(
  config: Record<string, unknown> = {},
  image?: string,
): Promise<RemappedEngine> {
  const folder = await mkdtemp(join(tmpdir(), "be-ids-"));
  await chmod(folder, 0o711);
  const data = join(folder, "engine");
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const engine = await testEngine({ engine: { data, userns_remap: `${first}:65536`, ...config } }, image);
    return {
      engine,
      data,
      async [Symbol.asyncDispose]() {
        await engine[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
