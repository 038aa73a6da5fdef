/** Small line drawings; they only ever accompany words, so they are never read aloud. */
const PATHS = {
  hash: 'M6.5 2.5 5 13.5M11 2.5 9.5 13.5M2.8 5.7h11M2.2 10.3h11',
  window: 'M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5',
  send: 'M2.5 13.2 14 8 2.5 2.8l1.6 5.2zM4.1 8H9',
  close: 'M4 4l8 8M12 4l-8 8',
  chat: 'M3 3.5h10v7H7.5L4.8 13v-2.5H3z',
  people: 'M3 4h10M3 8h10M3 12h10',
  truth: 'M8 2.5 3 4.5v3.7c0 2.6 2 4.4 5 5.4 3-1 5-2.8 5-5.4V4.5zM5.8 8l1.6 1.6 2.9-3',
  seal: 'M3.5 8.4 6.6 11.5 12.6 5',
  down: 'M4 6l4 4 4-4',
  eye: 'M1.8 8S4.2 4 8 4s6.2 4 6.2 4S11.8 12 8 12 1.8 8 1.8 8zM8 9.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2',
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A light that is still on when the others are out. */
export function Moon() {
  return (
    <svg className="moon" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M21.6 20.9A9 9 0 0 1 12.3 6.6a9.6 9.6 0 1 0 13 12.2 8.9 8.9 0 0 1-3.7 2.1z" />
    </svg>
  );
}
