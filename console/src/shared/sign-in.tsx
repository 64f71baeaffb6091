import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useTask } from './asking';
import { Form, Field, Choice } from './fields';
import { tokenOfLocalStack, useLocalStack } from './local-stack';
import { readToken, useSession } from './session';
import { TroubleNote } from './trouble-note';

/** Asks who one is: by a click where the local stack gives tokens, elsewhere by a token. */
export function SignIn({ why }: { why: string }): JSX.Element {
  const local = useLocalStack();
  return (
    <section class="card narrow">
      <h2>Sign in</h2>
      <p>{why}</p>
      {local === null ? <ByToken /> : <ByName secret={local.secret} />}
    </section>
  );
}

function ByToken(): JSX.Element {
  const { signIn } = useSession();
  const [text, setText] = useState('');
  const [isRefused, setRefused] = useState(false);
  return (
    <Form
      onSend={() => {
        const person = readToken(text);
        setRefused(person === null);
        if (person !== null) signIn(person);
      }}
    >
      <Field
        label="Token"
        value={text}
        onValue={setText}
        required
        hint="A JWT of your issuer with the scope bookings or operator. It stays in this page’s memory."
      />
      {isRefused && (
        <p class="note trouble" role="alert">
          This is no token: three parts with dots between them are expected.
        </p>
      )}
      <button type="submit" class="primary">
        Sign in
      </button>
    </Form>
  );
}

const SCOPES = [
  ['bookings', 'A customer'],
  ['operator', 'An operator'],
] as const;

function ByName({ secret }: { secret: string }): JSX.Element {
  const { signIn } = useSession();
  const task = useTask();
  const [sub, setSub] = useState('ada');
  const [scope, setScope] = useState<'bookings' | 'operator'>('bookings');
  return (
    <Form
      onSend={() =>
        task.run(async () => {
          const person = readToken(await tokenOfLocalStack(secret, { sub, scope }));
          if (person === null) throw new Error('Bug: the local stack gives no token');
          signIn(person);
        })
      }
    >
      <Field label="Name" value={sub} onValue={setSub} required maxLength={255} />
      <Choice label="As" value={scope} choices={SCOPES} onValue={setScope} />
      <TroubleNote trouble={task.trouble} />
      <button type="submit" class="primary" disabled={task.isBusy}>
        Sign in
      </button>
    </Form>
  );
}
