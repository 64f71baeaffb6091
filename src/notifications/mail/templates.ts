import path from 'node:path';
import { Eta } from 'eta';
import type { MailKind } from '../../domain/mail';
import { PACKAGE_ROOT } from '../../package-root';
import type { MailView } from './view';

/** The folder of the templates: `<kind>.html.eta` and `<kind>.text.eta`, and what they share. */
const VIEWS = path.join(PACKAGE_ROOT, 'templates', 'mail');

/** Reads each file once. */
const OPTIONS = { views: VIEWS, cache: true, rmWhitespace: false } as const;

/** Escapes whatever is put in: a name is text, whatever it contains. */
const html = new Eta({ ...OPTIONS, autoEscape: true });

const text = new Eta({ ...OPTIONS, autoEscape: false });

/** Returns a mail as HTML. */
export function renderHtml(kind: MailKind, view: MailView): string {
  return html.render(`./${kind}.html.eta`, view);
}

/** Returns a mail as plain text, without blanks at the ends of lines, and no two empty lines. */
export function renderText(kind: MailKind, view: MailView): string {
  const rendered = text.render(`./${kind}.text.eta`, view);
  return `${rendered
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
