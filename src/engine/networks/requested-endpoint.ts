import type { Endpoint } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import { parseIp } from "#kit/ip-address.ts";
import { object, text, textMap, texts } from "./read-json.ts";

const macShape = /^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$/;

/** What a client asks for at one network. Docker Engine API 1.47 "EndpointSettings". Throws engine-invalid. */
export function requestedEndpoint(settings: unknown): Endpoint {
  const of = object(settings, "EndpointSettings");
  const ipam = object(of.IPAMConfig, "IPAMConfig");
  const address = (key: string, version: 4 | 6) => {
    const value = text(ipam[key], key);
    if (value !== "" && parseIp(value)?.version !== version)
      throw new AppError("engine-invalid", `invalid IPv${version} address: ${value}`);
    return value;
  };
  const ipv4 = address("IPv4Address", 4);
  const ipv6 = address("IPv6Address", 6);
  const linkLocal = texts(ipam.LinkLocalIPs, "LinkLocalIPs");
  for (const one of linkLocal)
    if (!parseIp(one)) throw new AppError("engine-invalid", `invalid link-local IP address: ${one}`);
  const mac = text(of.MacAddress, "MacAddress");
  if (mac !== "" && !macShape.test(mac))
    throw new AppError("engine-invalid", `${mac} is not a valid mac address`);
  return {
    networkId: "",
    requested: {
      ...(ipv4 === "" ? {} : { ipv4 }),
      ...(ipv6 === "" ? {} : { ipv6 }),
      ...(linkLocal.length === 0 ? {} : { linkLocal }),
      ...(mac === "" ? {} : { mac: mac.toLowerCase().replaceAll("-", ":") }),
      aliases: [...new Set(texts(of.Aliases, "Aliases").filter((alias) => alias !== ""))],
      links: texts(of.Links, "Links"),
      driverOptions: textMap(of.DriverOpts, "DriverOpts"),
    },
  };
}
