import { stat } from "node:fs/promises";
import type { Config } from "#config/config.ts";
import { findProgram } from "#kit/find-program.ts";
import { openMetadataAsItIs } from "../../open/open-metadata.ts";
import type { Finding } from "../finding.ts";

/** ms. Access tokens forgive less than a minute; S3 refuses after fifteen. */
const much = 30_000;
/** Berth is younger. */
const earliest = Date.UTC(2026, 0, 1);
/** What systemd's own service leaves once it has set the clock. */
const setBySystemd = "/run/systemd/timesync/synchronized";
const services = ["chronyd", "ntpd", "openntpd"];

const set = "apt-get install -y systemd-timesyncd && timedatectl set-ntp true";

/** Whether this machine's clock can be right: tokens, grace periods and retention go by it. */
export async function clockFindings(config: Config, now = Date.now()): Promise<Finding[]> {
  if (now < earliest)
    return [
      {
        name: "clock",
        state: "missing",
        message: `says ${new Date(now).toISOString()}: tokens and certificates will be refused`,
        cure: set,
      },
    ];
  const found = [await keeper()];
  const ahead = await newestFact(config).catch(() => undefined);
  if (ahead !== undefined && ahead - now > much)
    found.push({
      name: "clock, against the database",
      state: "missing",
      message: `is ${Math.round((ahead - now) / 1000)} s behind what the database was written at: it was set back`,
      cure: set,
    });
  return found;
}

async function keeper(): Promise<Finding> {
  const name = "clock";
  const synchronized = await stat(setBySystemd).then(
    () => true,
    () => false,
  );
  if (synchronized) return { name, state: "fine", message: "is kept right by systemd-timesyncd" };
  const service = services.find((program) => findProgram(program) !== undefined);
  if (service !== undefined)
    return { name, state: "fine", message: `${service} is installed to keep it right` };
  return {
    name,
    state: "poor",
    message: "nothing here is known to keep it right (in a container or a guest its host may)",
    cure: set,
  };
}

/** When (ms) the newest event was written; PostgreSQL's own clock where metadata is there. */
async function newestFact(config: Config): Promise<number | undefined> {
  await using metadata = await openMetadataAsItIs(config);
  if (metadata === undefined) return undefined;
  const [event] = await metadata.outbox.latest(1);
  return Math.max(event?.at ?? 0, metadata.now());
}
