import type { ComponentChildren, JSX } from 'preact';

interface ExternalLinkProps {
  readonly to: string;
  readonly children: ComponentChildren;
}

/** A link out of the site. Addresses come from data: only https becomes a link, everything else is its text alone. */
export const ExternalLink = ({ to, children }: ExternalLinkProps): JSX.Element =>
  URL.canParse(to) && new URL(to).protocol === 'https:' ? (
    <a href={to} rel="noopener noreferrer external">
      {children}
    </a>
  ) : (
    <span>{children}</span>
  );
