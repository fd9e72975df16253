import { useSyncExternalStore } from 'react';

/** Whether a media query holds, such as `(max-width: 48rem)`: for what CSS alone can't do. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const list = matchMedia(query);
      list.addEventListener('change', onChange);
      return () => list.removeEventListener('change', onChange);
    },
    () => matchMedia(query).matches,
  );
}
