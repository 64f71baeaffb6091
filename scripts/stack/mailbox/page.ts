import type { Address } from 'postal-mime';
import type { KeptMail } from './mail-folder';

/** The mailbox as a list: whom each mail is for, what it is about, when it came. */
export function listPage(mails: readonly KeptMail[]): string {
  const rows = mails.map(
    ({ id, receivedAt, email }) => `<tr>
<td>${escaped(recipientsOf(email.to))}</td>
<td><a href="/mails/${id}">${escaped(email.subject ?? '(no subject)')}</a></td>
<td><time datetime="${receivedAt.toISOString()}">${receivedAt.toLocaleString('en-GB')}</time></td>
</tr>`,
  );
  const empty = '<p>No mail so far. Book with a <code>contact.email</code>, and come back.</p>';
  return page(
    'Mailbox',
    `<h1>Mailbox</h1>
<p>What the local stack has sent. None of it has left this machine.</p>
${rows.length === 0 ? empty : `<table><thead><tr><th>To</th><th>Subject</th><th>Received</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`}
<form method="post" action="/empty"><button>Empty the mailbox</button></form>`,
  );
}

/** One mail: as HTML, as text, and what is attached. */
export function mailPage({ id, email }: KeptMail): string {
  const attachments = email.attachments.map(
    ({ filename }, index) =>
      `<li><a href="/mails/${id}/attachments/${index}">${escaped(filename ?? 'unnamed')}</a></li>`,
  );
  const subject = email.subject ?? '(no subject)';
  return page(
    subject,
    `<p><a href="/">Mailbox</a></p>
<h1>${escaped(subject)}</h1>
<p>From ${escaped(recipientsOf(email.from === undefined ? [] : [email.from]))}, to ${escaped(recipientsOf(email.to))}.
<a href="/mails/${id}/source">Source</a></p>
${attachments.length === 0 ? '' : `<h2>Attachments</h2><ul>${attachments.join('')}</ul>`}
<h2>As HTML</h2>
<iframe sandbox title="The mail as HTML" src="/mails/${id}/html"></iframe>
<h2>As text</h2>
<pre>${escaped(email.text ?? '')}</pre>`,
  );
}

function recipientsOf(addresses: readonly Address[] = []): string {
  return addresses.map(({ name, address }) => address ?? name).join(', ');
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1d2733; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #dde3ea; overflow-wrap: anywhere; }
iframe { width: 100%; height: 44rem; border: 1px solid #dde3ea; }
pre { white-space: pre-wrap; background: #f4f6f8; padding: 1rem; overflow-wrap: anywhere; }
button { font: inherit; margin-top: 1rem; }
</style>
</head>
<body><main>${body}</main></body>
</html>
`;
}

const REFERENCES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => REFERENCES[character] ?? character);
}
