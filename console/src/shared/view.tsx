import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * One view of the page. Its heading gets the focus when the view appears: who listens to the page
 * hears where they are, and who uses the keyboard goes on from there.
 */
export function View({
  title,
  children,
  aside,
}: {
  title: string;
  children: ComponentChildren;
  aside?: ComponentChildren;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Flight Bookings`;
    heading.current?.focus();
  }, [title]);
  return (
    <>
      <div class="title">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside}
      </div>
      {children}
    </>
  );
}

/** A part of a view under a heading of its own. */
export function Card({
  title,
  children,
}: {
  title: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Said while an answer is awaited. */
export const Waiting = ({ what }: { what: string }): JSX.Element => (
  <p class="waiting" role="status">
    {what} …
  </p>
);

/** A status in a few words, coloured by what it means. */
export function Badge({
  children,
  tone = 'plain',
}: {
  children: ComponentChildren;
  tone?: 'plain' | 'good' | 'open' | 'bad';
}): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}
