import { useEffect, useState } from 'preact/hooks';

/**
 * The view is named by what follows `#`, so that links, history and bookmarks work and the server
 * has one page to serve: `#/bookings/9f…` is `['bookings', '9f…']`.
 */
export function useRoute(): string[] {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const follow = () => setHash(window.location.hash);
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '');
}

export function go(...parts: string[]): void {
  window.location.hash = `#/${parts.join('/')}`;
}
