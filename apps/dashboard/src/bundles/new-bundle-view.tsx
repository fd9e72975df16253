import type { JSX } from 'react';
import { useLocation } from 'wouter';
import { useMay } from '../session/session.tsx';
import { Empty } from '../ui/empty.tsx';
import { useToast } from '../ui/toast.tsx';
import { counted } from '../ui/time-text.ts';
import { View } from '../ui/view.tsx';
import { shortDigest } from './texts.ts';
import { UploadBundle } from './upload-bundle.tsx';

/** A folder of this computer as a bundle; then the bundle, with its problems at their places. */
export function NewBundleView(): JSX.Element {
  const may = useMay();
  const toast = useToast();
  const [, navigate] = useLocation();
  return (
    <View title="Upload a folder">
      {may('storeBundle') ? (
        <UploadBundle
          onStored={({ digest, problems }) => {
            if (problems.length === 0) toast(`Stored as ${shortDigest(digest)}: the validator found no problem.`);
            else toast(`Stored as ${shortDigest(digest)}, with ${counted(problems.length, 'problem')}.`, 'bad');
            navigate(`/bundles/${digest}`);
          }}
        />
      ) : (
        <Empty title="This key may not store bundles">
          <p>A key with the role deployer may.</p>
        </Empty>
      )}
    </View>
  );
}
