import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

interface CopyableProps {
  readonly text: string;
  /** What it is, for the button's name. */
  readonly what: string;
}

/** Text to take away. Where the clipboard cannot be written to, it can still be selected. */
export const Copyable = ({ text, what }: CopyableProps): JSX.Element => {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('Select and copy it yourself: this browser does not allow it here');
    }
  };
  return (
    <div class="copyable">
      <pre tabIndex={0} aria-label={what}>
        <code>{text}</code>
      </pre>
      <button type="button" onClick={() => void copy()} aria-label={`Copy ${what}`}>
        Copy
      </button>
      <span role="status" class="quiet">
        {said}
      </span>
    </div>
  );
};
