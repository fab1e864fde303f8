import { harmlessData } from './harmless-data.ts';
import { inlineData } from './inline-data.ts';
import { siteDataSchema, type SiteData } from './site-model.ts';

/** Where the data go in the template: a comment, so that a page without data is one that says so. */
export const dataPlace = '<!--data-->';

/**
 * The site: one HTML file that needs no server, no network and no other file.
 *
 * @param template - The page without data, as {@link siteTemplate} gives it.
 * @throws When the data are not what their schema promises.
 */
export const renderSite = (data: SiteData, template: string): string => {
  const inlined = inlineData(harmlessData(siteDataSchema.parse(data)));
  // A function, because `$&` in the data would mean something in a replacement.
  return template.replace(dataPlace, () => inlined);
};
