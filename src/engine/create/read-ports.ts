import type { PortBinding, PortName } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import { parseIp } from "#kit/ip-address.ts";
import type { JsonFields } from "./json-fields.ts";

const last = 65_535;
const protocols = new Set(["tcp", "udp", "sctp"]);

/** `80`, `80/udp`, `8000-8010/tcp` → each as `80/tcp`. Throws engine-invalid. */
export function parsePorts(text: string): PortName[] {
  const [numbers = "", protocol = "tcp", more] = text.split("/");
  const range = parseRange(numbers);
  if (range === undefined || range.from === 0 || more !== undefined)
    throw new AppError("engine-invalid", `invalid port specification: "${numbers}"`);
  if (!protocols.has(protocol.toLowerCase()))
    throw new AppError("engine-invalid", `invalid proto: ${protocol}`);
  return Array.from(
    { length: range.to - range.from + 1 },
    (_, at) => `${range.from + at}/${protocol.toLowerCase()}`,
  );
}

/** The ports an image names; what is none is left out: who runs the image didn't write it. */
export function imagePorts(ports: unknown): PortName[] {
  if (typeof ports !== "object" || ports === null) return [];
  return Object.keys(ports).flatMap((text) => {
    try {
      return parsePorts(text);
    } catch {
      return [];
    }
  });
}

/** `PortBindings` of a body: container's port → where on the host. Throws engine-invalid. */
export function readBindings(fields: JsonFields): Record<PortName, PortBinding[]> {
  const found = new Map<PortName, PortBinding[]>();
  for (const [text, bindings] of fields.lists("PortBindings")) {
    const [name, more] = parsePorts(text);
    if (name === undefined || more !== undefined)
      throw new AppError("engine-invalid", `invalid port specification: "${text.split("/")[0]}"`);
    const read = bindings.map(readBinding);
    // Named without a place: any free port.
    found.set(name, [
      ...(found.get(name) ?? []),
      ...(read.length === 0 ? [{ HostIp: "", HostPort: "" }] : read),
    ]);
  }
  return Object.fromEntries(found);
}

function readBinding(fields: JsonFields): PortBinding {
  const HostIp = fields.text("HostIp");
  const HostPort = fields.text("HostPort");
  if (HostIp !== "" && parseIp(HostIp) === undefined)
    throw new AppError("engine-invalid", `invalid IP address: ${HostIp}`);
  if (HostPort !== "" && parseRange(HostPort) === undefined)
    throw new AppError("engine-invalid", `invalid port specification: "${HostPort}"`);
  return { HostIp, HostPort };
}

function parseRange(text: string): { from: number; to: number } | undefined {
  const [, first = "", second = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(second)];
  return first === "" || to > last || to < from ? undefined : { from, to };
}
