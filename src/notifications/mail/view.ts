import { describeWay, slicesOf } from '../../domain/itinerary';
import type { ScheduleChangeOutcome } from '../../domain/schedule-change';
import { amountText } from './amounts';
import { itineraryText, type SliceText } from './itinerary-text';
import type { Sender } from '../../mail-settings';
import type { ChangeCost, Mail } from './mail';
import { passengersText, type PassengerText } from './passengers-text';
import { cancellationText, priceText, refundText, type PriceText } from './payment-text';
import { scheduleChangeText, type ScheduleChangeText } from './schedule-change-text';
import { momentText } from './times';

/** What the templates put in: text that is not escaped yet. */
export interface MailView {
  sender: string;
  subject: string;
  reference: string;
  way: string;
  slices: SliceText[];
  passengers: PassengerText[];
  price: PriceText;
  /** Until when it must be paid for. */
  payBy: string;
  /** When it was paid for. */
  paidAt: string;
  paid: string;
  cancellation: string;
  refund: string;
  changeCost: string;
  /** Of the latest schedule change; null if there was none. */
  scheduleChange: ScheduleChangeText | null;
  /** What has happened since the event, if anything; such mails were delayed. */
  since: string | null;
}

/** Puts all that a mail may say into words. Instants are in the time zone where the way begins. */
export function mailView(mail: Mail, sender: Sender): MailView {
  const { kind, booking, change } = mail;
  const slices = slicesOf(booking);
  const { timeZone } = booking.flight.origin;
  const moment = (instant: string | null | undefined) =>
    instant ? momentText(instant, timeZone) : '';
  const { payment, price, scheduleChange } = booking;
  const view = {
    sender: sender.name,
    reference: booking.reference,
    way: describeWay(slices),
    slices: itineraryText(slices),
    passengers: passengersText(booking),
    price: priceText(booking),
    payBy: moment(booking.paymentRequiredBy),
    paidAt: moment(payment?.capturedAt),
    paid: payment === null ? amountText(price) : amountText(payment),
    cancellation: cancellationText(booking),
    refund: refundText(booking),
    changeCost: change === null ? '' : changeCostText(change),
    scheduleChange: scheduleChange ? scheduleChangeText(scheduleChange, moment) : null,
    since: sinceText(mail),
  };
  return { ...view, subject: subjectOf(kind, view) };
}

function changeCostText({ toPay, toRefund }: ChangeCost): string {
  if (toPay.amount > 0) return `The change cost ${amountText(toPay)}, which you have paid.`;
  if (toRefund.amount > 0)
    return `We refund ${amountText(toRefund)} to your original form of payment.`;
  return 'The change cost nothing.';
}

/** The subject names no passenger: many read it on a screen that others see. */
function subjectOf(kind: Mail['kind'], { reference, way }: { reference: string; way: string }) {
  switch (kind) {
    case 'held':
      return `Please pay for your booking ${reference}: ${way}`;
    case 'booked':
      return `Your booking ${reference} is confirmed: ${way}`;
    case 'cancelled':
      return `Your booking ${reference} is cancelled: ${way}`;
    case 'changed':
      return `Your booking ${reference} was changed: ${way}`;
    case 'schedule_changed':
      return `The schedule of your booking ${reference} has changed: ${way}`;
    default:
      throw new Error(`Bug: ${String(kind satisfies never)} is no kind of mail`);
  }
}

/** Says what has happened to a booking after the event that a mail is about. */
function sinceText({ kind, booking, isChangedSince }: Mail): string | null {
  switch (booking.status) {
    case 'cancelled':
      return kind === 'cancelled' ? null : 'Since then, this booking was cancelled.';
    case 'booked':
      if (kind === 'held')
        return `Since then, this booking was paid for${isChangedSince ? ' and changed' : ''}.`;
      if (isChangedSince)
        return `Since then, this booking was changed${kind === 'changed' ? ' again' : ''}.`;
      return kind === 'schedule_changed' ? answeredText(booking.scheduleChange?.actionTaken) : null;
    case 'initiated':
    case 'pending':
      return null;
    default:
      throw new Error(`Bug: ${String(booking.status satisfies never)} is no status`);
  }
}

/** Says what has become of the offer of a schedule change, unless {@link sinceText} has said so. */
function answeredText(outcome: ScheduleChangeOutcome | null | undefined): string | null {
  switch (outcome) {
    case 'accepted':
      return 'Since then, the new times were accepted.';
    case 'changed':
    case 'cancelled':
    case 'superseded':
    case null:
    case undefined:
      return null;
    default:
      throw new Error(`Bug: ${String(outcome satisfies never)} is no outcome`);
  }
}
