import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";

/** A forward proxy of the test: CONNECT, and plain requests by their absolute URL. */
export interface ForwardProxy extends AsyncDisposable {
  port: number;
  /** `CONNECT host:port`, `GET http://…`, with the credentials that came. */
  seen: { line: string; authorization: string | undefined }[];
}

/** @param resolve where names really are; @param auth what Proxy-Authorization must be */
export async function startForwardProxy(
  resolve: (host: string) => string = (host) => host,
  auth?: string,
): Promise<ForwardProxy> {
  const seen: ForwardProxy["seen"] = [];
  const sockets = new Set<net.Socket>();
  const server = http.createServer((req, res) => {
    seen.push({ line: `${req.method} ${req.url}`, authorization: req.headers["proxy-authorization"] });
    if (auth !== undefined && req.headers["proxy-authorization"] !== auth)
      return void res.writeHead(407).end();
    const { hostname, port, pathname, search } = new URL(req.url ?? "");
    const { "proxy-authorization": _, ...headers } = req.headers;
    const options = { host: resolve(hostname), port, path: pathname + search, method: req.method, headers };
    const onward = http.request(options, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    });
    onward.on("error", () => res.destroy());
    req.pipe(onward);
  });
  server.on("connect", (req, socket: net.Socket, head) => {
    seen.push({ line: `CONNECT ${req.url}`, authorization: req.headers["proxy-authorization"] });
    sockets.add(socket);
    socket.on("error", () => undefined);
    if (auth !== undefined && req.headers["proxy-authorization"] !== auth)
      return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const { hostname, port } = new URL(`http://${req.url}`);
    const onward = net.connect(Number(port || 80), resolve(hostname), () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    seen,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
