import { get } from "node:http";
import { get as getOverTls } from "node:https";

/** ms for a server to say what it is. */
const patience = 2_000;

/**
 * Whether a Berth answers there. Both schemes are tried, and nobody's certificate is looked at: who has one of its own
 * making is Berth all the same.
 */
export async function isBerth(host: string, port: number): Promise<boolean> {
  const at =
    host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  const asked = await Promise.all([
    says(`http://${at}:${port}/livez`, get),
    says(`https://${at}:${port}/livez`, getOverTls),
  ]);
  return asked.some(Boolean);
}

function says(url: string, ask: typeof getOverTls): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: patience, rejectUnauthorized: false, agent: false as const };
    const request = ask(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > 100) request.destroy();
      });
      response.on("end", () => resolve(response.statusCode === 200 && text === "ok\n"));
      response.on("error", () => resolve(false));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
    request.on("close", () => resolve(false));
  });
}
