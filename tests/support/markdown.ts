/** A Markdown document without its blocks of code. */
export function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```.*?^ *```$/gms, '');
}

/** The anchors of a document's headings, made as GitHub makes them. */
export function anchorsIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
