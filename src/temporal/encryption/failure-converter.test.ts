import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { failureConverter } from './failure-converter';

const told = (error: Error) => failureConverter.errorToFailure(error, defaultPayloadConverter);

const ENCODED = { message: 'Encoded failure', stackTrace: '' };

test('a refusal is told in clear, without where in our code it was said', () => {
  const refusal = ApplicationFailure.nonRetryable(
    'The booking is paid for.',
    'payment_in_progress',
  );
  const failure = told(refusal);
  expect(failure).toMatchObject({ message: 'The booking is paid for.', stackTrace: '' });
  expect(failure.encodedAttributes).toBeUndefined();
});

test('a refusal that is passed on is still told in clear, and once only', () => {
  const refusal = ApplicationFailure.nonRetryable('No seats.', 'seats_unavailable');
  const passedOn = failureConverter.failureToError(told(refusal), defaultPayloadConverter);
  const again = told(passedOn);
  expect(again).toMatchObject({ message: 'No seats.' });
  expect(again.encodedAttributes).toBeUndefined();
});

test.each([
  ['an error', new Error('Ada Lovelace')],
  ['a failure of another type', ApplicationFailure.nonRetryable('Ada Lovelace', 'Surprise')],
  ['a failure that is tried again', ApplicationFailure.retryable('Ada', 'seats_unavailable')],
])('the words of %s are kept for those who have a key', (_what, error) => {
  const failure = told(error);
  expect(failure).toMatchObject(ENCODED);
  expect(failure.encodedAttributes).toBeDefined();
});

test('so are those of what caused a refusal', () => {
  const cause = new Error('Ada Lovelace');
  const refusal = ApplicationFailure.create({
    message: 'No seats.',
    type: 'seats_unavailable',
    nonRetryable: true,
    cause,
  });
  expect(told(refusal)).toMatchObject({ message: 'No seats.', cause: ENCODED });
});
