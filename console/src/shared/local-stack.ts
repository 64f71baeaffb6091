import { useEffect, useState } from 'preact/hooks';
import { Refused } from './api';

/** The local stack's own controls; there are none anywhere else. */
export interface LocalStack {
  secret: string;
  temporalUiUrl: string | null;
}

export interface AuditorLight {
  status: 'ok' | 'findings' | 'unknown';
  findings: number;
  at: string | null;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** Asked once: the secret stays the same as long as the stack runs. */
let asked: Promise<LocalStack | null> | undefined;

/** Returns the local stack's controls, or null where the page does not come from one. */
export function useLocalStack(): LocalStack | null {
  const [local, setLocal] = useState<LocalStack | null>(null);
  useEffect(() => {
    asked ??= askForControls();
    void asked.then(setLocal);
  }, []);
  return local;
}

async function askForControls(): Promise<LocalStack | null> {
  if (!LOOPBACK.includes(window.location.hostname)) return null;
  try {
    const response = await fetch('/local/session');
    return response.ok ? ((await response.json()) as LocalStack) : null;
  } catch {
    return null;
  }
}

async function askLocally<T>(path: string, secret: string, request: RequestInit = {}): Promise<T> {
  const response = await fetch(path, {
    ...request,
    headers: { 'x-local-secret': secret, 'content-type': 'application/json' },
  });
  if (!response.ok)
    throw new Refused({
      title: 'The local stack refused',
      detail: `It answered ${response.status}. Reload the page if the stack was started again.`,
      code: 'forbidden',
      retry: 'no',
    });
  return (await response.json()) as T;
}

export const auditorLight = (secret: string): Promise<AuditorLight> =>
  askLocally('/local/auditor', secret);

/** Kills the worker as a crash would; the stack starts it again. Returns its process ID. */
export async function killWorker(secret: string): Promise<number> {
  const { killed } = await askLocally<{ killed: number }>('/local/kill-worker', secret, {
    method: 'POST',
  });
  return killed;
}

export async function tokenOfLocalStack(
  secret: string,
  wish: { sub: string; scope: 'bookings' | 'operator' },
): Promise<string> {
  const { token } = await askLocally<{ token: string }>('/local/token', secret, {
    method: 'POST',
    body: JSON.stringify(wish),
  });
  return token;
}
