import type { BundleFile } from './bundle.ts';
import { baseNameOf, isScript, ORDER_MANIFEST, parentOf } from './file-kind.ts';
import { compareBytewise, compareNatural } from './natural-order.ts';
import { isPosition, readOrderManifest } from './order-manifest.ts';

/**
 * The files of `create/` in the order they run: sub-folders in natural order (2 before 10), and inside a sub-folder
 * by the positions of its `order.json`, or bytewise by name where there is none.
 * @param files the files of a bundle without problems; those of other folders are passed over
 */
export function createOrder(files: readonly BundleFile[]): BundleFile[] {
  const subFolders = new Map<string, BundleFile[]>();
  for (const file of files) {
    const subFolder = parentOf(file.name);
    if (file.folder !== 'create' || subFolder === '') continue;
    const siblings = subFolders.get(subFolder);
    if (siblings === undefined) subFolders.set(subFolder, [file]);
    else siblings.push(file);
  }
  return [...subFolders].sort(([a], [b]) => compareNatural(a, b)).flatMap(([, siblings]) => orderSubFolder(siblings));
}

function orderSubFolder(siblings: readonly BundleFile[]): BundleFile[] {
  const scripts = siblings.filter((file) => isScript(file.name));
  const manifest = siblings.find((file) => baseNameOf(file.name) === ORDER_MANIFEST);
  const positions = manifest === undefined ? new Map<string, number>() : manifestPositions(manifest.bytes);
  const positionOf = (file: BundleFile) => positions.get(baseNameOf(file.name)) ?? Number.POSITIVE_INFINITY;
  return scripts.sort((a, b) => {
    const x = positionOf(a);
    const y = positionOf(b);
    return x === y ? compareBytewise(a.name, b.name) : x < y ? -1 : 1;
  });
}

/** The positions that an `order.json` gives; empty when it can't be read, which the validator has reported. */
function manifestPositions(bytes: Uint8Array): Map<string, number> {
  const reading = readOrderManifest(new TextDecoder('utf-8').decode(bytes));
  const positions = new Map<string, number>();
  if (!reading.ok) return positions;
  for (const { name, value } of reading.entries) {
    if (isPosition(value)) positions.set(name, value);
  }
  return positions;
}
