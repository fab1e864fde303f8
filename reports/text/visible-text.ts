/** Characters that are not shown as they are: controls, format (bidirectional overrides), surrogates, unassigned ones. */
const unshown = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** More combining marks than this on one letter only serve to draw over neighbouring lines. */
const pileOfMarks = /(\p{M}{2})\p{M}+/gu;

/**
 * Text for XML, with everything that XML 1.0 forbids or that is not seen put into words that are: control characters as
 * their pictures (`␛` for escape), others as `<U+202E>`, half of a surrogate pair as `�`. Tabs and line feeds stay. At most
 * `limit` characters of the text are kept; what was cut off is said.
 */
export const visibleText = (text: string, limit = 4_000): string => {
  const kept = text.slice(0, limit).replaceAll(/\r\n?/gu, '\n');
  const shown = kept.replaceAll(unshown, pictureOf).replaceAll(pileOfMarks, '$1');
  return text.length > limit ? `${shown}\n… (cut: ${text.length - limit} more characters)` : shown;
};

/** The same in one line, for an attribute. */
export const visibleLine = (text: string, limit = 300): string => {
  const line = visibleText(text.slice(0, limit), limit).replaceAll(/\s+/gu, ' ').trim();
  return text.length > limit ? `${line}…` : line;
};

const pictureOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x24_00 + code);
  if (code === 0x7f) return '\u2421';
  const isSurrogate = code >= 0xd8_00 && code <= 0xdf_ff;
  return isSurrogate ? '\uFFFD' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
};
