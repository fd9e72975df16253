import { Component, type ReactNode } from 'react';
import { Button } from './ui/button.tsx';
import { Empty } from './ui/empty.tsx';

/**
 * Keeps a defect of one view from taking down the page. After an upgrade of the service it also meets views whose files
 * are gone: loading the page anew brings the new ones.
 */
export class ViewGuard extends Component<{ readonly children: ReactNode }, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Empty title="This view could not be shown">
        <p>The page failed, not the service: nothing was changed. It may have been upgraded meanwhile.</p>
        <Button onClick={() => location.reload()}>Load the page anew</Button>
      </Empty>
    );
  }
}
