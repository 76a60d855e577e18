/** Breaks a text between words into lines that fit. A word that does not fit is cut. */
export function wrapBy(text: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => pieces(each, fits))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Cuts a word that does not fit into pieces that fit. */
function pieces(word: string, fits: (text: string) => boolean): string[] {
  if (fits(word)) return [word];
  const found: string[] = [];
  let piece = '';
  for (const sign of Array.from(word)) {
    if (piece === '' || fits(piece + sign)) piece += sign;
    else {
      found.push(piece);
      piece = sign;
    }
  }
  return [...found, piece];
}
