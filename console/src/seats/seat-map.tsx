import type { JSX } from 'preact';
import type { Schemas } from '../shared/api';
import { useMedia } from '../shared/media';
import { useRovingFocus } from '../shared/roving-focus';
import { nextSpot } from '../shared/spot';
import { TroubleNote } from '../shared/trouble-note';
import { Waiting } from '../shared/view';
import { count, words } from '../shared/words';
import { placeSeats, type PlacedSeat } from './cabin-layout';
import { useLiveSeats, type Seat } from './live-seats';

/** From the middle of a seat to the middle of the next one, in pixels at full size. */
const PITCH = 30;
const SEAT = 25;

/** Room for the numbers of rows, and around it all. */
const MARGIN = 26;

type Look = Seat['state'] | 'mine';

const NONE: ReadonlySet<string> = new Set();

/**
 * The seats of a flight as a picture that changes as seats are held, sold and given back. On a wide
 * window the nose is left, on a narrow one it is at the top.
 *
 * The arrow keys lead from seat to seat, Enter and the space bar take one. `owners` are those of
 * the party who have chosen, by seat. `kept` are seats that others see as taken, and the party may
 * take like free ones.
 */
export function SeatMap({
  flightId,
  label,
  cabin,
  owners,
  kept = NONE,
  onSeat,
}: {
  flightId: string;
  label: string;
  cabin: Schemas['Cabin'];
  owners: ReadonlyMap<string, string>;
  kept?: ReadonlySet<string> | undefined;
  onSeat: (seatNumber: string) => void;
}): JSX.Element {
  const { seats, isLive, trouble } = useLiveSeats(flightId);
  const isWide = useMedia('(min-width: 60rem)');
  const { placed, width } = placeSeats(seats.values());
  const lastRow = Math.max(0, ...placed.map(({ row }) => row));
  const along = MARGIN + lastRow * PITCH;
  const across = MARGIN + width * PITCH;
  const turned = placed.map((spot) =>
    isWide
      ? { ...spot, column: spot.row - 1, row: width - 1 - spot.column }
      : { ...spot, row: spot.row - 1 },
  );
  const own = turned.filter(({ seat }) => seat.cabin === cabin);
  const focus = useRovingFocus(
    own.map(({ id }) => id),
    own.find(({ seat }) => seat.available)?.id,
    (id, key) => nextSpot(own, id, key)?.id,
  );
  const free = own.filter(({ seat }) => seat.available).length;

  if (seats.size === 0)
    return trouble === null ? <Waiting what="Seats" /> : <TroubleNote trouble={trouble} />;
  return (
    <figure class="seat-map">
      <figcaption>
        <span>
          {count(free, 'free seat')} in {words(cabin)}
        </span>
        <span class={isLive ? 'live on' : 'live'}>{isLive ? 'Live' : 'Every few seconds'}</span>
        <Legend />
      </figcaption>
      <TroubleNote trouble={trouble} />
      <div class="scroller">
        <svg
          data-grid
          role="group"
          aria-label={`${label}: ${free} free. Arrow keys lead from seat to seat.`}
          viewBox={isWide ? `0 0 ${along} ${across}` : `0 0 ${across} ${along}`}
          width={isWide ? along : across}
          height={isWide ? across : along}
        >
          <RowNumbers rows={placed.map(({ row }) => row)} isWide={isWide} />
          {turned.map((spot) => (
            <SeatButton
              key={spot.id}
              spot={spot}
              look={lookOf(spot, owners, kept)}
              isElsewhere={spot.seat.cabin !== cabin}
              owner={owners.get(spot.id)}
              tabIndex={focus.tabIndexOf(spot.id)}
              onKeyDown={(event) => focus.onKeyDown(event, spot.id)}
              onTake={() => onSeat(spot.id)}
            />
          ))}
        </svg>
      </div>
    </figure>
  );
}

function lookOf(
  { seat: { seatNumber, state } }: PlacedSeat<Seat>,
  owners: ReadonlyMap<string, string>,
  kept: ReadonlySet<string>,
): Look {
  if (owners.has(seatNumber)) return 'mine';
  return kept.has(seatNumber) ? 'free' : state;
}

function SeatButton({
  spot,
  look,
  isElsewhere,
  owner,
  tabIndex,
  onKeyDown,
  onTake,
}: {
  spot: PlacedSeat<Seat>;
  look: Look;
  isElsewhere: boolean;
  owner: string | undefined;
  tabIndex: 0 | -1;
  onKeyDown: (event: KeyboardEvent) => void;
  onTake: () => void;
}): JSX.Element {
  const [x, y] = [MARGIN + spot.column * PITCH, MARGIN + spot.row * PITCH];
  const canTake = look === 'free' || look === 'mine';
  const picture = (
    <>
      <rect x={x} y={y} width={SEAT} height={SEAT} rx="6" />
      <text x={x + SEAT / 2} y={y + SEAT / 2 + 4} aria-hidden="true">
        {spot.id.slice(-1)}
      </text>
    </>
  );
  // Seats of other cabins are part of the picture, and of no use.
  if (isElsewhere)
    return (
      <g class={`seat ${look} elsewhere`} aria-hidden="true">
        {picture}
      </g>
    );
  return (
    <g
      class={`seat ${look}`}
      role="button"
      data-spot={spot.id}
      tabindex={tabIndex}
      aria-label={`${spot.id}, ${owner ?? look}`}
      aria-pressed={look === 'mine'}
      aria-disabled={!canTake}
      onClick={() => canTake && onTake()}
      onKeyDown={(event) => {
        onKeyDown(event);
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        if (canTake) onTake();
      }}
    >
      {picture}
    </g>
  );
}

function RowNumbers({ rows, isWide }: { rows: number[]; isWide: boolean }): JSX.Element {
  return (
    <g class="row-numbers" aria-hidden="true">
      {[...new Set(rows)].map((row) => {
        const middle = MARGIN + (row - 1) * PITCH + SEAT / 2;
        return isWide ? (
          <text key={row} x={middle} y={16}>
            {row}
          </text>
        ) : (
          <text key={row} x={12} y={middle + 4}>
            {row}
          </text>
        );
      })}
    </g>
  );
}

const LOOKS: [Look, string][] = [
  ['free', 'free'],
  ['mine', 'yours'],
  ['held', 'held'],
  ['sold', 'sold'],
];

const Legend = (): JSX.Element => (
  <span class="legend">
    {LOOKS.map(([look, text]) => (
      <span key={look}>
        <svg class={`seat ${look}`} width="14" height="14" aria-hidden="true">
          <rect x="1" y="1" width="12" height="12" rx="3" />
        </svg>
        {text}
      </span>
    ))}
  </span>
);
