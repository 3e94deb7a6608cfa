import { formatEngineAddress, type ReadEngine } from "./engine-schema.ts";

/** Who opens the engine's socket is root here, so nothing but a certificate lets anybody in over a network. */
export function engineFaults({ listen, tls }: ReadEngine): { key: string; message: string }[] {
  const faults: { key: string; message: string }[] = [];
  const add = (message: string) => faults.push({ key: "engine.listen", message });
  const addresses = listen.map(formatEngineAddress);
  if (addresses.length === 0) add("has no address; write such as unix:///run/berth/engine.sock");
  for (const [index, address] of addresses.entries())
    if (addresses.indexOf(address) < index) add(`${address} stands there twice`);
  const open = listen.filter((address) => !("path" in address)).map(formatEngineAddress);
  if (open.length > 0 && tls === undefined)
    add(
      `${open.join(", ")}: whoever reaches the engine is root on this machine, so over TCP it asks for certificates. ` +
        "Add engine.tls with certificate, key and client_ca, or listen on unix:///run/berth/engine.sock",
    );
  return faults;
}
