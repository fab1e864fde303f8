import type { ComponentChildren, JSX } from 'preact';

interface ScrollProps {
  /** What is in it, for whoever cannot see that it scrolls. */
  readonly label: string;
  readonly children: ComponentChildren;
}

/** What may be wider than a phone scrolls by itself; the keyboard can do so, too. */
export const Scroll = ({ label, children }: ScrollProps): JSX.Element => (
  <div class="scroll" tabIndex={0} role="region" aria-label={label}>
    {children}
  </div>
);
