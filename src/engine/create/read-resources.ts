import type { DeviceMapping, Resources, ThrottleDevice } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { JsonFields } from "./json-fields.ts";

const deviceAccess = /^(?!.*(.).*\1)[rwm]{1,3}$/;
const deviceRule = /^[acb] ([0-9]{1,10}|\*):([0-9]{1,10}|\*) [rwm]{1,3}$/;

/** Limits and devices as the client wrote them; see `checkResources`. Throws engine-invalid. */
export function readResources(fields: JsonFields): Resources {
  return {
    CpuShares: fields.whole("CpuShares"),
    Memory: fields.whole("Memory"),
    NanoCpus: fields.whole("NanoCpus"),
    CgroupParent: readCgroupParent(fields.text("CgroupParent")),
    BlkioWeight: fields.whole("BlkioWeight", 0),
    BlkioWeightDevice: fields
      .objects("BlkioWeightDevice")
      .map((device) => ({ Path: device.text("Path"), Weight: device.whole("Weight", 0) })),
    BlkioDeviceReadBps: readThrottle(fields, "BlkioDeviceReadBps"),
    BlkioDeviceWriteBps: readThrottle(fields, "BlkioDeviceWriteBps"),
    BlkioDeviceReadIOps: readThrottle(fields, "BlkioDeviceReadIOps"),
    BlkioDeviceWriteIOps: readThrottle(fields, "BlkioDeviceWriteIOps"),
    CpuPeriod: fields.whole("CpuPeriod"),
    CpuQuota: fields.whole("CpuQuota"),
    CpuRealtimePeriod: fields.whole("CpuRealtimePeriod"),
    CpuRealtimeRuntime: fields.whole("CpuRealtimeRuntime"),
    CpusetCpus: fields.text("CpusetCpus"),
    CpusetMems: fields.text("CpusetMems"),
    Devices: fields.objects("Devices").map(readDevice),
    DeviceCgroupRules: fields.texts("DeviceCgroupRules").map(checkRule),
    DeviceRequests: refuseRequests(fields),
    MemoryReservation: fields.whole("MemoryReservation"),
    MemorySwap: fields.whole("MemorySwap"),
    MemorySwappiness: fields.has("MemorySwappiness") ? fields.whole("MemorySwappiness") : -1,
    OomKillDisable: fields.flag("OomKillDisable"),
    PidsLimit: Math.max(fields.whole("PidsLimit"), 0),
    Ulimits: fields
      .objects("Ulimits")
      .map((limit) => ({ Name: limit.text("Name"), Soft: limit.whole("Soft"), Hard: limit.whole("Hard") })),
  };
}

function readThrottle(fields: JsonFields, key: string): ThrottleDevice[] {
  return fields.objects(key).map((device) => ({ Path: device.text("Path"), Rate: device.whole("Rate", 0) }));
}

function readDevice(fields: JsonFields): DeviceMapping {
  const PathOnHost = fields.text("PathOnHost");
  const PathInContainer = fields.text("PathInContainer") || PathOnHost;
  const CgroupPermissions = fields.text("CgroupPermissions") || "rwm";
  for (const path of [PathOnHost, PathInContainer])
    if (!path.startsWith("/")) throw new AppError("engine-invalid", `${path} is not an absolute path`);
  if (!deviceAccess.test(CgroupPermissions))
    throw new AppError("engine-invalid", `bad mode specified: ${CgroupPermissions}`);
  return { PathOnHost, PathInContainer, CgroupPermissions };
}

function checkRule(rule: string): string {
  if (!deviceRule.test(rule))
    throw new AppError("engine-invalid", `invalid device cgroup rule format: '${rule}'`);
  return rule;
}

/** Drivers of devices (--gpus) are programs that there are none of. */
function refuseRequests(fields: JsonFields): [] {
  const [request] = fields.objects("DeviceRequests");
  if (request === undefined) return [];
  const capabilities = request.raw("Capabilities");
  const sets = Array.isArray(capabilities) ? capabilities.filter((set) => Array.isArray(set)) : [];
  throw new AppError(
    "engine-invalid",
    `could not select device driver "${request.text("Driver")}" with capabilities: [${sets.map((set) => `[${set.join(" ")}]`).join(" ")}]`,
  );
}

function readCgroupParent(path: string): string {
  if (path.split("/").includes(".."))
    throw new AppError("engine-invalid", `invalid cgroup parent ${path}: it must not lead upwards`);
  return path;
}
