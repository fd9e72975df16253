import { createContext, type JSX, type ReactNode, use, useCallback, useState } from 'react';
import type { Tone } from './status.ts';

const SHOWN_MS = 6000;

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: Tone;
}

const ToastContext = createContext<(text: string, tone?: Tone) => void>(() => undefined);

let latestId = 0;

/** Shows short messages about what was done, and reads them out. */
export function ToastProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const show = useCallback((text: string, tone: Tone = 'ok') => {
    const id = ++latestId;
    setToasts((shown) => [...shown, { id, text, tone }]);
    setTimeout(() => setToasts((shown) => shown.filter((toast) => toast.id !== id)), SHOWN_MS);
  }, []);
  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" aria-live="polite">
        {toasts.map(({ id, text, tone }) => (
          <div key={id} className="toast" data-tone={tone}>
            {text}
          </div>
        ))}
      </div>
    </ToastContext>
  );
}

/** `const toast = useToast(); toast('Cancelled. Nothing of it runs any more.')` */
export function useToast(): (text: string, tone?: Tone) => void {
  return use(ToastContext);
}
