import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { askSocket } from "./harness/ask-socket.ts";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

/** What comes, until it holds the words. */
async function until(socket: Socket, words: string): Promise<string> {
  let text = "";
  while (!text.includes(words)) text += String(((await once(socket, "data")) as [Buffer])[0]);
  return text;
}

engineTest("a raw client at a terminal: typed, resized, left by its keys, taken up again", async () => {
  await using engine = await testEngine();
  const ask = (method: string, path: string, body?: unknown) =>
    askSocket(engine.socket, method, `/v1.47${path}`, body);
  const attach = () => {
    const socket = connect({ path: engine.socket, allowHalfOpen: true });
    socket.write(
      "POST /containers/shell/attach?stream=1&stdin=1&stdout=1&stderr=1&detachKeys=ctrl-a,d HTTP/1.1\r\n" +
        "Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
    );
    return socket;
  };
  const created = await ask("POST", "/containers/create?name=shell", {
    Image: "busybox",
    Cmd: ["sh"],
    Tty: true,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    HostConfig: { NetworkMode: "none" },
  });
  assert.equal(created.status, 201, created.text);
  const first = attach();
  assert.match(await until(first, "\r\n\r\n"), /^HTTP\/1\.1 101 UPGRADED/);
  assert.equal((await ask("POST", "/containers/shell/start")).status, 204);
  assert.equal((await ask("POST", "/containers/shell/start")).status, 304);
  assert.equal((await ask("POST", "/containers/shell/resize?h=33&w=101")).status, 200);
  first.write("A=kept; stty size; echo d''one\n");
  assert.match(await until(first, "done"), /33 101/);
  first.write("\x01d");
  await once(first.resume(), "end");
  first.end();

  const state = (await ask("GET", "/containers/shell/json")).json as { State: { Running: boolean } };
  assert.equal(state.State.Running, true);
  const waited = ask("POST", "/containers/shell/wait");
  const second = attach();
  await until(second, "\r\n\r\n");
  second.write("echo it is $A; exit 6\n");
  await until(second, "it is kept");
  await once(second.resume(), "end");
  second.end();
  assert.deepEqual((await waited).json, { StatusCode: 6, Error: null });
  assert.equal((await ask("POST", "/containers/shell/resize?h=1&w=1")).status, 409);
});
