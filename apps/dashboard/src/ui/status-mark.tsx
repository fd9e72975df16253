import type { JSX } from 'react';
import { type Glyph, statusLook } from './status.ts';

/** Strokes in a box of 16. What is filled carries its sign in the colour of the ground. */
const SHAPES: Readonly<Record<Glyph, JSX.Element>> = {
  check: <path d="M3.2 8.6 6.6 12 12.8 4.6" strokeWidth="2.2" />,
  cross: <path d="M4 4l8 8M12 4l-8 8" strokeWidth="2.4" />,
  down: <path d="M8 3v9M3.8 8.2 8 12.4l4.2-4.2" strokeWidth="2" />,
  diamond: <path d="M8 2.2 13.8 8 8 13.8 2.2 8Z" fill="currentColor" />,
  turning: <path d="M8 2.5a5.5 5.5 0 1 1-5.5 5.5" strokeWidth="2.2" />,
  dashed: <circle cx="8" cy="8" r="5.2" strokeDasharray="2.4 2.05" strokeWidth="1.6" />,
  dot: <circle cx="8" cy="8" r="3" fill="currentColor" />,
  clock: <path d="M8 2.4a5.6 5.6 0 1 0 0 11.2A5.6 5.6 0 0 0 8 2.4ZM8 5v3.2l2.1 1.3" strokeWidth="1.6" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="2.4" />,
  slash: <path d="M8 2.4a5.6 5.6 0 1 0 0 11.2A5.6 5.6 0 0 0 8 2.4ZM4.2 11.8l7.6-7.6" strokeWidth="1.6" />,
  attention: <path d="M8 1.8 14.6 13.6H1.4ZM8 6.2v3.4M8 11.6v.2" strokeWidth="1.6" />,
  plus: <path d="M8 3v10M3 8h10" strokeWidth="2.2" />,
  minus: <path d="M3 8h10" strokeWidth="2.2" />,
  skip: <path d="M3 4l5 4-5 4ZM9 4l5 4-5 4Z" strokeWidth="1.4" />,
};

/** The shape of a state, for where its word stands beside it or is the name of what it is in. */
export function StatusMark({ status, size = 14 }: { readonly status: string; readonly size?: number }): JSX.Element {
  const { tone, glyph } = statusLook(status);
  return (
    <svg
      className="mark"
      data-tone={tone}
      data-glyph={glyph}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {SHAPES[glyph]}
    </svg>
  );
}

/** A state with its shape and its word. */
export function Status({ status }: { readonly status: string }): JSX.Element {
  return (
    <span className="status">
      <StatusMark status={status} />
      {statusLook(status).label}
    </span>
  );
}
