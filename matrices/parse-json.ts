/** What a JSON text stands for; undefined where it is none, which schemas refuse like any other value that is wrong. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
