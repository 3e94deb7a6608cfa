const paths = {
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  delete: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4",
  pin: "M9.5 2l4.5 4.5-2 .5-2.5 2.5-.5 3L3.5 7l3-.5L9 4zM6 10l-3.5 3.5",
  retag: "M2.5 7V2.5H7L13.5 9 9 13.5zM5 5h.01",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.5 10.5L14 14",
} as const;

/** A small drawing beside words that say the same. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
