import { createHash } from 'node:crypto';
import { dataPlace } from './render-site.ts';

/** What Vite makes of the app: a classic script, and a style sheet. */
export interface BuiltApp {
  readonly script: string;
  readonly style: string;
}

/**
 * The page without data. Its policy lets it run this script and apply this style sheet, and nothing else: it loads nothing,
 * sends nothing, and runs nothing that data could smuggle in.
 */
export const makePage = ({ script, style }: BuiltApp): string => {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${generator}
<title>peft-matrix</title>
<style>${style}</style>
</head>
<body>
<div id="site"><p class="loading">Reading the matrix …</p></div>
<noscript><p class="loading">This page needs JavaScript to show the matrix. It loads nothing and sends nothing.</p></noscript>
${dataPlace}
<script>${script}</script>
</body>
</html>
`;
};

/** By this a page is known to be ours, and may be replaced by a newer one. */
const generator = '<meta name="generator" content="peft-matrix">';

/** Whether a page is a site that some version of us wrote; the first ones had no mark of their own. */
export const isOurPage = (html: string): boolean =>
  html.includes(generator) || (html.includes('<title>peft-matrix</title>') && html.includes('<div id="site">'));

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
