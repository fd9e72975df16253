import { type RefObject, useLayoutEffect, useState } from 'react';

/**
 * How far down the page an element begins, for lists that scroll with the window. Measured when the page's layout
 * changes and not while it scrolls: asking for it then would cost a layout for each frame.
 */
export function useScrollMargin(element: RefObject<HTMLElement | null>): number {
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => {
      const top = element.current?.getBoundingClientRect().top;
      if (top !== undefined) setMargin(Math.round(top + scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return margin;
}
