import { noTime } from "#core/engine/container.ts";
import type { Traffic, Usage } from "#core/engine/runtime.ts";

export interface Sample {
  id: string;
  name: string;
  usage: Usage | undefined;
  /** RFC 3339. */
  at: string;
}

/** Docker Engine API "ContainerStats". What isn't running has zeros, and no time. */
export function statsView(now: Sample, before: Sample | undefined): object {
  const { usage } = now;
  return {
    read: usage === undefined ? noTime : now.at,
    preread: before?.usage === undefined ? noTime : before.at,
    pids_stats: usage === undefined ? {} : pids(usage),
    blkio_stats: io(usage),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu(usage),
    precpu_stats: cpu(usage === undefined ? undefined : before?.usage),
    memory_stats: usage === undefined ? {} : memory(usage),
    name: `/${now.name}`,
    id: now.id,
    ...(usage !== undefined && Object.keys(usage.networks).length > 0 && { networks: networks(usage) }),
  };
}

function pids({ pids: { current, limit } }: Usage): object {
  return { current, ...(limit > 0 && { limit }) };
}

function cpu(usage: Usage | undefined): object {
  const { total = 0, user = 0, system = 0, perCpu = [], host = 0, online = 0, throttling } = usage?.cpu ?? {};
  return {
    cpu_usage: {
      total_usage: total,
      ...(perCpu.length > 0 && { percpu_usage: perCpu }),
      usage_in_kernelmode: system,
      usage_in_usermode: user,
    },
    ...(usage !== undefined && { system_cpu_usage: host, online_cpus: online }),
    throttling_data: {
      periods: throttling?.periods ?? 0,
      throttled_periods: throttling?.throttled ?? 0,
      throttled_time: throttling?.time ?? 0,
    },
  };
}

function memory({ memory: { usage, max, limit, failures, stats } }: Usage): object {
  return {
    usage,
    ...(max > 0 && { max_usage: max }),
    stats,
    ...(failures > 0 && { failcnt: failures }),
    limit,
  };
}

function io(usage: Usage | undefined): object {
  const rows = (what: "bytes" | "operations") =>
    usage?.io.map(({ device: [major, minor], operation, ...counts }) => ({
      major,
      minor,
      op: operation,
      value: counts[what],
    })) ?? null;
  return {
    io_service_bytes_recursive: rows("bytes"),
    io_serviced_recursive: rows("operations"),
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  };
}

function networks(usage: Usage): object {
  return Object.fromEntries(
    Object.entries(usage.networks).map(([name, { received, sent }]) => [
      name,
      { ...traffic("rx", received), ...traffic("tx", sent) },
    ]),
  );
}

function traffic(way: "rx" | "tx", { bytes, packets, errors, dropped }: Traffic): object {
  return {
    [`${way}_bytes`]: bytes,
    [`${way}_packets`]: packets,
    [`${way}_errors`]: errors,
    [`${way}_dropped`]: dropped,
  };
}
