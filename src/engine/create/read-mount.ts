import type { MountRequest } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { JsonFields } from "./json-fields.ts";

const types = ["bind", "volume", "tmpfs"];

/** One `--mount`. Where it may lead is the volumes' business. Throws engine-invalid, in docker's words. */
export function readMount(fields: JsonFields): MountRequest {
  const type = fields.text("Type");
  const invalid = (why: string) =>
    new AppError("engine-invalid", `invalid mount config for type "${type}": ${why}`);
  if (!types.includes(type)) throw invalid("mount type unknown");
  const mount: MountRequest = {
    Type: type as MountRequest["Type"],
    Source: fields.text("Source"),
    Target: fields.text("Target"),
    ReadOnly: fields.flag("ReadOnly"),
  };
  const consistency = fields.text("Consistency");
  if (consistency !== "") mount.Consistency = consistency;

  const options = {
    BindOptions: fields.object("BindOptions"),
    VolumeOptions: fields.object("VolumeOptions"),
    TmpfsOptions: fields.object("TmpfsOptions"),
  };
  for (const [key, value] of Object.entries(options))
    if (value !== undefined && key.toLowerCase() !== `${type}options`)
      throw invalid(`field ${key} must not be specified`);

  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = options;
  if (bind)
    mount.BindOptions = {
      Propagation: bind.text("Propagation"),
      NonRecursive: bind.flag("NonRecursive"),
      CreateMountpoint: bind.flag("CreateMountpoint"),
    };
  if (volume) {
    const driver = volume.object("DriverConfig");
    mount.VolumeOptions = {
      NoCopy: volume.flag("NoCopy"),
      Labels: volume.textMap("Labels"),
      Subpath: volume.text("Subpath"),
      ...(driver && { DriverConfig: { Name: driver.text("Name"), Options: driver.textMap("Options") } }),
    };
    if (mount.VolumeOptions.Subpath !== "") throw invalid("a subpath of a volume is not supported");
  }
  if (tmpfs) mount.TmpfsOptions = { SizeBytes: tmpfs.whole("SizeBytes"), Mode: tmpfs.whole("Mode", 0) };
  return mount;
}
