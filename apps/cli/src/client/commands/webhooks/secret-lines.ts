import type { Paint } from '../../../output/paint.ts';

/** What is said where a secret is shown: the only time. */
export function secretOutcomeLines(paint: Paint, said: string, secret: string): string[] {
  return [
    paint.green(paint.line(said)),
    `  ${paint.line(secret)}`,
    'Keep this secret now, where the receiver verifies signatures: it can not be shown again.',
  ];
}
