import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { answerOf, type Schemas } from '../shared/api';
import { useAsked } from '../shared/asking';
import { useRovingFocus } from '../shared/roving-focus';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { dateInDays, roundMoney } from '../shared/words';
import { dayByKey, firstColumn, monthAfter, monthName, weekdayOf, weeksOf } from './month';
import type { Way } from './trip';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** A month of one direction with the lowest price of each day; a click takes the day. */
export function Calendar({
  way,
  legend,
  onDate,
}: {
  way: Way;
  legend: string;
  onDate: (date: string) => void;
}): JSX.Element {
  const api = useApi();
  const [month, setMonth] = useState(way.date.slice(0, 7));
  useEffect(() => setMonth(way.date.slice(0, 7)), [way.date]);
  const { origin, destination, seats, cabin } = way;
  const asked = useAsked([origin, destination, seats, cabin, month].join(' '), () =>
    answerOf(
      api.GET('/api/v1/flights/calendar', {
        params: { query: { origin, destination, month, passengers: seats, cabin } },
      }),
    ),
  );
  const prices = new Map(asked.value?.days.map(({ date, lowestPrice }) => [date, lowestPrice]));
  const today = dateInDays(0);
  const known = [...prices].flatMap(([date, price]) =>
    price === null || date < today ? [] : [price.amount],
  );
  const lowest = Math.min(...known);
  const weeks = weeksOf(month);
  const open = weeks.flat().filter((date) => date >= today);
  const focus = useRovingFocus(open, way.date, (date, key) => {
    const next = dayByKey(date, key);
    if (next === undefined || next < today) return undefined;
    setMonth(next.slice(0, 7));
    return next;
  });

  return (
    <div class="calendar">
      <div class="calendar-head">
        <button
          type="button"
          aria-label={`Month before, ${legend}`}
          disabled={month <= today.slice(0, 7)}
          onClick={() => setMonth(monthAfter(month, -1))}
        >
          ‹
        </button>
        <strong aria-live="polite">
          {legend}: {origin}–{destination}, {monthName(month)}
        </strong>
        <button
          type="button"
          aria-label={`Month after, ${legend}`}
          onClick={() => setMonth(monthAfter(month, 1))}
        >
          ›
        </button>
      </div>
      <table role="grid" data-grid aria-label={`${legend}: days of ${monthName(month)}`}>
        <thead>
          <tr>
            {WEEKDAYS.map((weekday) => (
              <th key={weekday} scope="col">
                {weekday}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week[0]?.endsWith('-01') === true &&
                Array.from({ length: firstColumn(month) }, (_, gap) => <td key={gap} />)}
              {week.map((date) => {
                const price = prices.get(date) ?? null;
                return (
                  <td key={date}>
                    <button
                      type="button"
                      data-spot={date}
                      tabIndex={focus.tabIndexOf(date)}
                      class={price !== null && price.amount === lowest ? 'lowest' : ''}
                      disabled={date < today}
                      aria-pressed={date === way.date}
                      onClick={() => onDate(date)}
                      onKeyDown={(event) => focus.onKeyDown(event, date)}
                    >
                      <span class="hidden">{weekdayOf(date)} </span>
                      <b>{Number(date.slice(8))}</b>
                      {date >= today && <Price price={price} />}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <TroubleNote trouble={asked.trouble} again={asked.again} />
    </div>
  );
}

const Price = ({ price }: { price: Schemas['Money'] | null }): JSX.Element =>
  price === null ? (
    <small>
      <span aria-hidden="true">–</span>
      <span class="hidden">no direct flight</span>
    </small>
  ) : (
    <small>
      <span class="hidden">from </span>
      {roundMoney(price)}
    </small>
  );
