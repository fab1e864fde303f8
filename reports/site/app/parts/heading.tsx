import type { ComponentChildren, JSX } from 'preact';

/** The heading of a page; the keyboard begins here when the page changes. */
export const Heading = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <h1 tabIndex={-1}>{children}</h1>
);
