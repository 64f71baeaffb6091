import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/**
 * Attributes by which operators search bookings. They are stored in clear, so none may hold
 * personal data.
 */
export const BookingStatusAttribute = defineSearchAttributeKey(
  'BookingStatus',
  SearchAttributeType.KEYWORD,
);
export const BookingReferenceAttribute = defineSearchAttributeKey(
  'BookingReference',
  SearchAttributeType.KEYWORD,
);
export const FlightNumberAttribute = defineSearchAttributeKey(
  'FlightNumber',
  SearchAttributeType.KEYWORD,
);
/** All flights of a booking; `FlightNumber` is its first. */
export const FlightNumbersAttribute = defineSearchAttributeKey(
  'FlightNumbers',
  SearchAttributeType.KEYWORD_LIST,
);
export const RefundStatusAttribute = defineSearchAttributeKey(
  'RefundStatus',
  SearchAttributeType.KEYWORD,
);
export const DepartureTimeAttribute = defineSearchAttributeKey(
  'DepartureTime',
  SearchAttributeType.DATETIME,
);
export const PaymentDeadlineAttribute = defineSearchAttributeKey(
  'PaymentDeadline',
  SearchAttributeType.DATETIME,
);

/** The latest schedule change of a booking. */
export const ScheduleChangeIdAttribute = defineSearchAttributeKey(
  'ScheduleChangeId',
  SearchAttributeType.KEYWORD,
);

/** All of them. The namespace must know them before the first booking. */
export const SEARCH_ATTRIBUTES = [
  BookingStatusAttribute,
  BookingReferenceAttribute,
  FlightNumberAttribute,
  FlightNumbersAttribute,
  RefundStatusAttribute,
  DepartureTimeAttribute,
  PaymentDeadlineAttribute,
  ScheduleChangeIdAttribute,
];
