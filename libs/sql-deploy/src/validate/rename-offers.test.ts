import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bundleFromFiles } from '../bundle/bundle-from-files.ts';
import { parseOrdinalName } from '../bundle/ordinal.ts';
import { ordinalEntries } from './ordinal-entries.ts';
import { renameOffers } from './rename-offers.ts';
import { validateStructure } from './validate.ts';

const names = fc.uniqueArray(
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom('0000', '0001', '0002', '00'),
        fc.nat({ max: 40 }),
        fc.constantFrom('-', '_', '', ' ', '- '),
        fc.constantFrom('a', 'b', '', 'x y'),
        fc.constantFrom('.sql', '.SQL', '.sql '),
      )
      .map(([zeros, n, separator, rest, suffix]) => `${zeros}${n}${separator}${rest}${suffix}`),
    fc.constantFrom('a.sql', 'B.sql', '2024-01-01-x.sql', '20240101120000_x.sql', '99999-x.sql', '-.sql'),
  ),
  { maxLength: 12 },
);

for (const [folder, holes] of [
  ['deployment', 'close'],
  ['manual-deployment', 'keep'],
] as const) {
  test(`a ${folder} folder in which every offer is taken up is in order`, () => {
    fc.assert(
      fc.property(names, (list) => {
        fc.pre(holes === 'close' || !list.includes('99999-x.sql'));
        const bundle = bundleFromFiles(list.map((name) => ({ path: `${folder}/${name}`, content: '' })));
        const offers = renameOffers(ordinalEntries(bundle, folder), holes);
        const mended = list.map((name) => offers.get(name) ?? name);
        const ordinals = mended.map((name) => parseOrdinalName(name)?.ordinal ?? -1).sort((a, b) => a - b);
        expect(new Set(ordinals).size).toBe(list.length);
        expect(ordinals).not.toContain(-1);
        if (holes === 'close') expect(ordinals).toEqual(list.map((_, index) => index));
      }),
      { numRuns: 2000 },
    );
  });
}

test('a folder without problems gets no offers, one with offers has problems', () => {
  fc.assert(
    fc.property(names, (list) => {
      const bundle = bundleFromFiles(list.map((name) => ({ path: `deployment/${name}`, content: '' })));
      const structural = validateStructure(bundle).filter(({ rule }) => rule !== 'case-collision');
      expect(renameOffers(ordinalEntries(bundle, 'deployment'), 'close').size > 0).toBe(structural.length > 0);
    }),
    { numRuns: 1000 },
  );
});
