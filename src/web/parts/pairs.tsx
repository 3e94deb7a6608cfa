import { linkIn } from "./link-in.ts";

/** Names and values as they came: labels, annotations, variables. Only texts that are web addresses become links. */
export function Pairs({ of, caption }: { of: [string, string][]; caption: string }) {
  return (
    <dl class="pairs" aria-label={caption}>
      {of.map(([name, value], index) => {
        const link = linkIn(value);
        return (
          // Names of variables may come twice.
          <div key={index}>
            <dt>{name}</dt>
            <dd>
              {link === undefined ? (
                value
              ) : (
                <a href={link} rel="noopener noreferrer" target="_blank">
                  {value}
                </a>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
