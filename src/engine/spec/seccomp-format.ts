import { AppError } from "#core/errors.ts";
import type { RuntimeSeccomp } from "#oci/runtime-spec.ts";

/** A profile as docker writes them: rules that hold or not by capability, architecture and kernel. */
export interface SeccompProfile {
  defaultAction: string;
  defaultErrnoRet?: number;
  /** Instead of `archMap`. */
  architectures?: string[];
  archMap?: { architecture: string; subArchitectures: string[] }[];
  flags?: string[];
  syscalls: SeccompRule[];
}

export interface SeccompRule {
  names: string[];
  action: string;
  errnoRet?: number;
  args?: { index: number; value: number; valueTwo?: number; op: string }[];
  includes?: SeccompCondition;
  excludes?: SeccompCondition;
}

export interface SeccompCondition {
  caps?: string[];
  /** `amd64`, `s390x` */
  arches?: string[];
  /** `4.8` */
  minKernel?: string;
}

/** What the rules are asked with. */
export interface SeccompFacts {
  /** Of the container. */
  capabilities: readonly string[];
  /** `amd64` */
  architecture: string;
  /** Release of this kernel, `6.1.0-13-amd64`. */
  kernel: string;
}

const architectureNames: Readonly<Record<string, string>> = {
  amd64: "SCMP_ARCH_X86_64",
  "386": "SCMP_ARCH_X86",
  arm: "SCMP_ARCH_ARM",
  arm64: "SCMP_ARCH_AARCH64",
  ppc64le: "SCMP_ARCH_PPC64LE",
  riscv64: "SCMP_ARCH_RISCV64",
  s390x: "SCMP_ARCH_S390X",
  loong64: "SCMP_ARCH_LOONGARCH64",
  mips64le: "SCMP_ARCH_MIPSEL64",
};

/** The profile as runtimes take it: the rules that hold here, and nothing of why. */
export function runtimeSeccomp(profile: SeccompProfile, facts: SeccompFacts): RuntimeSeccomp {
  const own = architectureNames[facts.architecture];
  const mapped = profile.archMap?.find(({ architecture }) => architecture === own);
  const seccomp: RuntimeSeccomp = {
    defaultAction: profile.defaultAction,
    architectures:
      profile.architectures ??
      (mapped ? [mapped.architecture, ...mapped.subArchitectures] : own ? [own] : []),
    syscalls: profile.syscalls
      .filter(({ includes, excludes }) => included(includes, facts) && !excluded(excludes, facts))
      .map(({ includes: _i, excludes: _e, ...rule }) => rule),
  };
  if (profile.defaultErrnoRet !== undefined) seccomp.defaultErrnoRet = profile.defaultErrnoRet;
  if (profile.flags && profile.flags.length > 0) seccomp.flags = profile.flags;
  return seccomp;
}

/** All that it names is so. */
function included(condition: SeccompCondition | undefined, facts: SeccompFacts): boolean {
  const { caps = [], arches = [], minKernel } = condition ?? {};
  return (
    caps.every((name) => facts.capabilities.includes(name)) &&
    (arches.length === 0 || arches.includes(facts.architecture)) &&
    (minKernel === undefined || atLeast(facts.kernel, minKernel))
  );
}

/** Any of what it names is so. */
function excluded(condition: SeccompCondition | undefined, facts: SeccompFacts): boolean {
  const { caps = [], arches = [], minKernel } = condition ?? {};
  return (
    caps.some((name) => facts.capabilities.includes(name)) ||
    arches.includes(facts.architecture) ||
    (minKernel !== undefined && atLeast(facts.kernel, minKernel))
  );
}

function atLeast(release: string, least: string): boolean {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** A client's own profile (`--security-opt seccomp=…`). Throws engine-invalid. */
export function parseSeccompProfile(text: string): SeccompProfile {
  const failed = (why: string) => new AppError("engine-invalid", `Decoding seccomp profile failed: ${why}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw failed(error instanceof Error ? error.message : "it is no JSON");
  }
  const root = objectOf(json);
  if (root === undefined) throw failed("it is no object");
  const { defaultAction, defaultErrnoRet, architectures, archMap, flags, syscalls } = root;
  if (!isAction(defaultAction)) throw failed("defaultAction is no action");
  if (architectures !== undefined && archMap !== undefined)
    throw failed(
      "'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'",
    );
  const profile: SeccompProfile = {
    defaultAction,
    syscalls: listOf(syscalls).map((rule) => readRule(rule, failed)),
  };
  if (typeof defaultErrnoRet === "number") profile.defaultErrnoRet = defaultErrnoRet;
  if (architectures !== undefined) profile.architectures = textsOf(architectures);
  if (flags !== undefined) profile.flags = textsOf(flags);
  if (archMap !== undefined)
    profile.archMap = listOf(archMap).map((entry) => {
      const { architecture, subArchitectures } = objectOf(entry) ?? {};
      return {
        architecture: typeof architecture === "string" ? architecture : "",
        subArchitectures: textsOf(subArchitectures),
      };
    });
  return profile;
}

function readRule(value: unknown, failed: (why: string) => AppError): SeccompRule {
  const { name, names, action, errnoRet, args, includes, excludes } = objectOf(value) ?? {};
  if (typeof name === "string" && textsOf(names).length > 0)
    throw failed("'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'");
  if (!isAction(action)) throw failed("a rule's action is none");
  const rule: SeccompRule = { names: typeof name === "string" ? [name] : textsOf(names), action };
  if (rule.names.length === 0) throw failed("a rule names no system call");
  if (typeof errnoRet === "number") rule.errnoRet = errnoRet;
  const read = listOf(args).map((arg) => {
    const { index, value: first, valueTwo, op } = objectOf(arg) ?? {};
    if (typeof index !== "number" || typeof first !== "number" || typeof op !== "string")
      throw failed("an argument needs index, value and op");
    return { index, value: first, op, ...(typeof valueTwo === "number" && { valueTwo }) };
  });
  if (read.length > 0) rule.args = read;
  if (includes !== undefined) rule.includes = readCondition(includes);
  if (excludes !== undefined) rule.excludes = readCondition(excludes);
  return rule;
}

function readCondition(value: unknown): SeccompCondition {
  const { caps, arches, minKernel } = objectOf(value) ?? {};
  return {
    caps: textsOf(caps),
    arches: textsOf(arches),
    ...(typeof minKernel === "string" && { minKernel }),
  };
}

function isAction(value: unknown): value is string {
  return typeof value === "string" && /^SCMP_ACT_[A-Z_]+$/.test(value);
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((item): item is string => typeof item === "string");
}
