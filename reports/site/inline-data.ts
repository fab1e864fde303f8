import { gzipSync } from 'node:zlib';

/** JSON beyond this many characters is compressed: the file stays small, and the browser unpacks it in an instant. */
const plainLimit = 500_000;

/**
 * Data as an element of an HTML page that holds it without running it: JSON with everything escaped that could end the
 * element or a line of JavaScript, or the same JSON, compressed with gzip, as base64.
 */
export const inlineData = (data: unknown): string => {
  const json = JSON.stringify(data);
  return json.length > plainLimit
    ? element('application/gzip', gzipSync(json, { level: 9 }).toString('base64'))
    : element('application/json', escapeJson(json));
};

const element = (type: string, text: string): string => `<script type="${type}" id="data">${text}</script>`;

/** `<` can begin `</script` and `<!--`; U+2028 and U+2029 end lines of older JavaScript. */
const escapeJson = (json: string): string =>
  json
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
