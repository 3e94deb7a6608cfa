import type { ComponentChildren } from "preact";
import type { ImageView } from "#core/web/views.ts";
import { Pairs } from "../parts/pairs.tsx";

/** How a container of the image runs, and what is written on it. */
export function ImageConfig({ image, title }: { image: ImageView; title: string }) {
  const env = image.env.map((line): [string, string] => {
    const at = line.indexOf("=");
    return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
  });
  const labels = Object.entries(image.labels);
  return (
    <section>
      <h2>{title}</h2>
      <dl class="facts wide">
        <Fact name="Entrypoint">{words(image.entrypoint)}</Fact>
        <Fact name="Command">{words(image.cmd)}</Fact>
        <Fact name="Working folder">{image.workingDir}</Fact>
        <Fact name="User">{image.user}</Fact>
        <Fact name="Ports">{image.exposedPorts.join(", ")}</Fact>
        <Fact name="Volumes">{image.volumes.join(", ")}</Fact>
      </dl>
      {env.length > 0 && (
        <>
          <h3>Environment</h3>
          <Pairs of={env} caption="Environment" />
        </>
      )}
      {labels.length > 0 && (
        <>
          <h3>Labels</h3>
          <Pairs of={labels} caption="Labels" />
        </>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  const none = children === undefined || children === "";
  return (
    <div>
      <dt>{name}</dt>
      <dd>{none ? <span class="muted">–</span> : <code>{children}</code>}</dd>
    </div>
  );
}

/** As one would type it: words with spaces in quotes. */
function words(list: string[]): string {
  return list.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
}
