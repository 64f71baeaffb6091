import type { ServerResponse } from 'node:http';

const STREAM_BEGAN = Symbol('stream began');

/**
 * Calls `then` once when a response was sent. A stream counts when it begins: how long its client
 * stays says nothing about us.
 */
export function whenAnswered(res: ServerResponse, then: () => void): void {
  let isAnswered = false;
  const answered = () => {
    if (!isAnswered) then();
    isAnswered = true;
  };
  res.once('finish', answered);
  res.once(STREAM_BEGAN, answered);
}

/** Sends the headers of a response that then stays open. */
export function beginStream(res: ServerResponse): void {
  res.flushHeaders();
  res.emit(STREAM_BEGAN);
}
