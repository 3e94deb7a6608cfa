import { Agent, request as httpRequest } from "node:http";
import { buffer } from "node:stream/consumers";
import { deserialize, serialize } from "node:v8";
import { valueOf, type Outcome, type Submit } from "#adapters/sqlite/outcome.ts";
import { AppError } from "#core/errors.ts";
import { operationsPath } from "../control/control-operations.ts";

const answerTimeout = 60_000;
/** Operations of one request at most; those that come meanwhile wait for the next. */
const largestBatch = 256;

interface Waiting {
  op: unknown;
  done(outcome: Outcome): void;
  failed(error: unknown): void;
}

/** A command's way to the writer in the server that has the folder; what comes while it is asked goes together. */
export function createOperationsLink(socketPath: string): Disposable & { submit: Submit } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let waiting: Waiting[] = [];
  let sending = false;

  async function send(): Promise<void> {
    sending = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, largestBatch);
      try {
        const outcomes = await ask(socketPath, agent, serialize(batch.map(({ op }) => op)));
        batch.forEach(({ done }, i) => done(outcomes[i] as Outcome));
      } catch (cause) {
        const message = `the server went away: ${cause instanceof Error ? cause.message : "no answer"}`;
        const gone = new AppError("unavailable", message, { cause });
        for (const { failed } of batch) failed(gone);
      }
    }
    sending = false;
  }

  return {
    submit: async (op) =>
      valueOf(
        await new Promise<Outcome>((done, failed) => {
          waiting.push({ op, done, failed });
          if (!sending) setImmediate(() => !sending && void send());
        }),
      ),
    [Symbol.dispose]() {
      agent.destroy();
      waiting = [];
    },
  };
}

function ask(socketPath: string, agent: Agent, body: Buffer): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const headers = { host: "localhost", "content-length": body.length };
    const request = httpRequest({
      socketPath,
      agent,
      headers,
      method: "POST",
      path: operationsPath,
      timeout: answerTimeout,
    });
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error("it doesn't answer")));
    request.on("response", (response) => {
      buffer(response).then((bytes) => {
        if (response.statusCode === 200) resolve(deserialize(bytes) as Outcome[]);
        else reject(new Error(`it answered ${response.statusCode}; is it another version of Berth?`));
      }, reject);
    });
    request.end(body);
  });
}
