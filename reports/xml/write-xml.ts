import { create } from 'xmlbuilder2';
import { visibleLine, visibleText } from '../text/visible-text.ts';

/** An element: its name, attributes (undefined ones are left out), and its content: text, or elements. */
export interface XmlElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number | undefined>>;
  readonly content?: string | readonly XmlElement[];
}

/** Everything that a document holds is escaped, and made visible where XML 1.0 forbids it. */
export const writeXml = (
  root: XmlElement,
  options: { readonly declaration: boolean } = { declaration: true },
): string => {
  const document = create({ version: '1.0', encoding: 'UTF-8' });
  append(document, root);
  return `${document.end({ prettyPrint: true, headless: !options.declaration })}\n`;
};

type Builder = ReturnType<typeof create>;

const append = (parent: Builder, { name, attributes = {}, content = [] }: XmlElement): void => {
  const element = parent.ele(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) element.att(attribute, literal(visibleLine(String(value), attributeLimit)));
  }
  if (typeof content === 'string') {
    if (content !== '') element.txt(literal(visibleText(content, textLimit)));
  } else for (const child of content) append(element, child);
};

/**
 * xmlbuilder2 leaves an ampersand alone that looks like the beginning of an entity (`&#0;`, `&xxe;`), and escapes others. To
 * it, one that is escaped already is such a one.
 */
const literal = (text: string): string => text.replaceAll('&', '&amp;');

/** Nothing of ours is longer; a renderer cuts where it knows better. */
const attributeLimit = 2_000;
const textLimit = 100_000;
