/** Whether a text is written from right to left, by its first letter. */
export function rightToLeft(text: string): boolean {
  return /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(text);
}

/** The beginning of a text that is longer than `most` characters, with an ellipsis. An emoji is not cut in two. */
export function shorten(text: string, most: number): string {
  // Most texts are short, also where each character takes two units.
  if (text.length <= most) return text;
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
