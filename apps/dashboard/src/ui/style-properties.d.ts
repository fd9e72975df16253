import type { CSSProperties } from 'react';

export type Style = CSSProperties;

declare module 'react' {
  /** Our own custom properties may be set by `style`. */
  interface CSSProperties {
    [property: `--${string}`]: string | number | undefined;
  }
}
