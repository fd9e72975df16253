export type Augmented = typeof import('react');

declare module 'react' {
  /** Our own custom properties may be set by `style`. */
  interface CSSProperties {
    [property: `--${string}`]: string | number | undefined;
  }
}
