import type { ContainerConfig } from "#core/engine/container-config.ts";
import type { ImageDefaults } from "#oci/image-config.ts";

/** Docker Engine API "ContainerConfig", in docker's order. @param mac until 1.43 it stood here */
export function configView(config: ContainerConfig, mac?: string): object {
  return {
    Hostname: config.Hostname,
    Domainname: config.Domainname,
    User: config.User,
    AttachStdin: config.AttachStdin,
    AttachStdout: config.AttachStdout,
    AttachStderr: config.AttachStderr,
    ...(some(config.ExposedPorts) && { ExposedPorts: config.ExposedPorts }),
    Tty: config.Tty,
    OpenStdin: config.OpenStdin,
    StdinOnce: config.StdinOnce,
    Env: config.Env,
    Cmd: config.Cmd,
    ...(config.Healthcheck !== undefined && { Healthcheck: config.Healthcheck }),
    Image: config.Image,
    Volumes: config.Volumes,
    WorkingDir: config.WorkingDir,
    Entrypoint: config.Entrypoint,
    ...(config.NetworkDisabled === true && { NetworkDisabled: true }),
    ...(mac !== undefined && { MacAddress: mac }),
    OnBuild: config.OnBuild,
    Labels: config.Labels,
    ...(config.StopSignal !== undefined && { StopSignal: config.StopSignal }),
    ...(config.StopTimeout !== undefined && { StopTimeout: config.StopTimeout }),
    ...(config.Shell !== undefined && { Shell: config.Shell }),
  };
}

/** What an image says of its containers, in the same form. */
export function imageConfigView(image: ImageDefaults): object {
  return {
    Hostname: "",
    Domainname: "",
    User: image.User ?? "",
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ...(some(image.ExposedPorts) && { ExposedPorts: image.ExposedPorts }),
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: image.Env ?? [],
    Cmd: image.Cmd ?? null,
    ...(image.Healthcheck !== undefined && { Healthcheck: image.Healthcheck }),
    ...(image.ArgsEscaped === true && { ArgsEscaped: true }),
    Image: "",
    Volumes: image.Volumes ?? null,
    WorkingDir: image.WorkingDir ?? "",
    Entrypoint: image.Entrypoint ?? null,
    OnBuild: image.OnBuild ?? null,
    Labels: image.Labels ?? null,
    ...(image.StopSignal !== undefined && { StopSignal: image.StopSignal }),
    ...(image.Shell !== undefined && { Shell: image.Shell }),
  };
}

function some(map: object | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0;
}
