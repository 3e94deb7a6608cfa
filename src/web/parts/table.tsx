import type { ComponentChildren } from "preact";

export interface Column {
  title: string;
  numeric?: boolean;
  /** Only for screen readers: buttons and the like. */
  silent?: boolean;
}

interface TableProps {
  /** What it lists; for screen readers. */
  caption: string;
  columns: Column[];
  children: ComponentChildren;
}

/**
 * A table that stacks on phones, each row a card. The roles are written out because browsers forget what a table is
 * once its rows are no longer laid out as one.
 */
export function Table({ caption, columns, children }: TableProps) {
  return (
    <table role="table" class="rows">
      <caption class="off-screen">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title, numeric, silent }) => (
            <th key={title} scope="col" role="columnheader" class={numeric === true ? "numeric" : undefined}>
              <span class={silent === true ? "off-screen" : undefined}>{title}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{children}</tbody>
    </table>
  );
}

export function Row({ children, quiet }: { children: ComponentChildren; quiet?: boolean }) {
  return (
    <tr role="row" class={quiet === true ? "quiet" : undefined}>
      {children}
    </tr>
  );
}

/** What the row is about. */
export function RowHead({ children }: { children: ComponentChildren }) {
  return (
    <th scope="row" role="rowheader">
      <span class="head">{children}</span>
    </th>
  );
}

interface CellProps {
  /** The column's title, shown beside the cell on phones; empty: the cell speaks for itself. */
  of: string;
  numeric?: boolean;
  children: ComponentChildren;
}

export function Cell({ of, numeric, children }: CellProps) {
  return (
    <td role="cell" class={numeric === true ? "numeric" : undefined} data-of={of === "" ? undefined : of}>
      <div>{children}</div>
    </td>
  );
}
