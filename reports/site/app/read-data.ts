import type { SiteData } from '../site-model.ts';

/** The data that the page carries. They were checked when they were put there, so their shape is taken as promised. */
export const readData = async (): Promise<SiteData> => {
  const element = document.querySelector<HTMLScriptElement>('script#data');
  if (element === null) throw new Error('this is the page without data: make one with peft-matrix report --site');
  const text = element.textContent;
  const json = element.type === 'application/gzip' ? await unpack(text) : text;
  // Twice in memory would be once too often.
  element.remove();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- renderSite has validated them
  return JSON.parse(json) as SiteData;
};

/** base64, gzip, UTF-8. Needs nothing from a network, so it works from disk as well. */
const unpack = (base64: string): Promise<string> => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
};
