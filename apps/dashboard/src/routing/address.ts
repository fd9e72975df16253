import { useMemo } from 'react';
import { useSearchParams } from 'wouter';

/** Settings of a view that stand in the address, so that a link shows what its sender saw. */
export interface AddressSettings {
  /** Empty when it is not there. */
  readonly get: (name: string) => string;
  readonly all: (name: string) => readonly string[];
  /**
   * Changes some, the others stay; null or empty takes one away. By default it is a step that the back button undoes
   * (`replace`: not).
   */
  readonly set: (
    changes: Readonly<Record<string, string | readonly string[] | null>>,
    options?: { readonly replace?: boolean },
  ) => void;
}

/** Reads and changes what stands behind the `?` of the address. */
export function useAddress(): AddressSettings {
  const [params, setParams] = useSearchParams();
  return useMemo(
    () => ({
      get: (name) => params.get(name) ?? '',
      all: (name) => params.getAll(name),
      set: (changes, { replace = false } = {}) =>
        setParams(
          (current) => {
            const next = new URLSearchParams(current);
            for (const [name, value] of Object.entries(changes)) {
              next.delete(name);
              for (const one of typeof value === 'string' ? [value] : (value ?? []))
                if (one !== '') next.append(name, one);
            }
            return next;
          },
          { replace },
        ),
    }),
    [params, setParams],
  );
}
