const types = { stdout: 1, stderr: 2, failure: 3 };

/** Output without a terminal: type, three zeros, length (big-endian), bytes. Docker Engine API "ContainerAttach". */
export function frame(type: keyof typeof types, data: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(8 + data.length);
  framed.writeUInt32BE(types[type] * 0x1000000, 0);
  framed.writeUInt32BE(data.length, 4);
  framed.set(data, 8);
  return framed;
}

/** Of a stream of output. Before 1.42 there was one for both. */
export function outputType(api: number, tty: boolean): string {
  return api >= 42 && !tty
    ? "application/vnd.docker.multiplexed-stream"
    : "application/vnd.docker.raw-stream";
}
