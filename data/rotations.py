"""Flights into New York, derived from the departures of each aircraft by its tail number.

An aircraft that left New York for X and leaves New York again came back in between. The source doesn't have that
flight; it has when the aircraft left both times, and how long the ways take. README.md explains the rules.
"""

import datetime
from collections import defaultdict
from statistics import median
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
UTC = datetime.timezone.utc
MINUTE = datetime.timedelta(minutes=1)

# Passengers leave, the cabin is cleaned, passengers board: hardly any airline plans less.
TURNAROUND = 30 * MINUTE

# What an aircraft waits beside a comfortable stop when nothing is known of when it left.
USUAL_STOP = 60 * MINUTE

# Up to here the aircraft went there and back; it waited half of the time at either end.
WENT_STRAIGHT_BACK = datetime.timedelta(hours=4)

# An aircraft that stood longer than that has flown elsewhere meanwhile.
LONGEST_STOP = datetime.timedelta(hours=24)

# Flights leave between 5 in the morning and midnight, by the clocks where they leave.
FIRST_HOUR, LAST_HOUR = 5, 23
MORNING = datetime.time(6)

FOUND = "departures followed by a flight back"
UNKNOWN = "departures without a tail number, or cancelled"
DROPPED_OVERLAP = "departures dropped: no time for the way back, so the tail number is wrong"
DROPPED_ELSEWHERE = "departures dropped: away for longer than a day, so it flew elsewhere meanwhile"
ROTATION, TURNED = "rotation", "turnaround"


class Rotations:
    """Works out the flights back in the week that begins on `monday`."""

    def __init__(self, flights, monday, times, zones):
        self.monday, self.times, self.zones = monday, times, zones
        # The week's first flights came back from departures of the days before, its last aircraft leave again after it.
        days = [monday + datetime.timedelta(days=day) for day in range(-2, 10)]
        self.departures = [self.departure(flight) for flight in flights if date_of(flight) in days]
        self.ground = self.ground_times()
        self.counts = defaultdict(int)

    def departure(self, flight):
        date = date_of(flight)
        leaves = at(date, flight["sched_dep_time"], NEW_YORK)
        arrives = at(date, flight["sched_arr_time"], self.zones[flight["dest"]])
        # An arrival that is earlier by the clock is on the next day.
        if arrives <= leaves:
            arrives += datetime.timedelta(days=1)
        return {**flight, "date": date, "leaves": leaves, "arrives": arrives}

    def ground_times(self):
        """What airlines plan beside the flying time on each route: taxiing at both ends, and a reserve."""
        found = defaultdict(list)
        for flight in self.departures:
            route = (flight["origin"], flight["dest"])
            planned = (flight["arrives"] - flight["leaves"]) / MINUTE
            found[route].append(planned - self.times.there(*route))
        self.usual_ground = median(median(values) for values in found.values())
        return {route: median(values) for route, values in found.items()}

    def minutes_back(self, place, new_york):
        return round(self.times.back(place, new_york) + self.ground.get((new_york, place), self.usual_ground))

    def week(self):
        """The flights back of the week, each with the departure that its aircraft came from."""
        back = [flight for flight in self.followed() if self.day_of(flight) in range(7)]
        return back + list(self.turned(back))

    def followed(self):
        """One flight back for each two departures in a row of an aircraft, if it could have flown it."""
        by_tail = defaultdict(list)
        for flight in self.departures:
            # A cancelled flight moved no aircraft.
            if flight["tailnum"] not in ("", "NA") and flight["dep_time"] not in ("", "NA"):
                by_tail[flight["tailnum"]].append(flight)
            else:
                self.count(UNKNOWN, flight)
        for tail in sorted(by_tail):
            flown = sorted(by_tail[tail], key=lambda flight: (flight["leaves"], int(flight["flight"])))
            for there, again in zip(flown, flown[1:]):
                yield from self.between(there, again)
            self.count(DROPPED_ELSEWHERE, flown[-1])

    def between(self, there, again):
        minutes = self.minutes_back(there["dest"], again["origin"])
        stops = again["leaves"] - there["arrives"] - minutes * MINUTE
        if stops < 2 * TURNAROUND:
            self.count(DROPPED_OVERLAP, there)
        elif stops > LONGEST_STOP:
            self.count(DROPPED_ELSEWHERE, there)
        else:
            self.count(FOUND, there)
            leaves = self.time_back(there, again, minutes, stops)
            yield {"there": there, "to": again["origin"], "leaves": leaves, "minutes": minutes, "basis": ROTATION}

    def count(self, what, departure):
        self.counts[what] += 0 <= (departure["date"] - self.monday).days < 7

    def time_back(self, there, again, minutes, stops):
        if stops <= WENT_STRAIGHT_BACK:
            return rounded(there["arrives"] + stops / 2)
        zone = self.zones[there["dest"]]
        latest = rounded(again["leaves"] - minutes * MINUTE - USUAL_STOP)
        earliest = rounded(there["arrives"] + USUAL_STOP)
        return next((leaves for leaves in (latest, earliest) if is_by_day(leaves, zone)), next_morning(earliest, zone))

    def turned(self, back):
        """For each day and place that can be reached and not be left: the day's first flight there turns around."""
        served = {(flight["there"]["dest"], self.day_of(flight)) for flight in back}
        first = {}
        for flight in self.departures:
            day = (flight["date"] - self.monday).days
            rank = (flight["leaves"], flight["carrier"], int(flight["flight"]))
            key = (flight["dest"], day)
            if 0 <= day < 7 and key not in served and (key not in first or rank < first[key][0]):
                first[key] = (rank, flight)
        for key in sorted(first):
            there = first[key][1]
            zone = self.zones[there["dest"]]
            ready = rounded(there["arrives"] + USUAL_STOP)
            leaves = ready if is_by_day(ready, zone) else next_morning(ready, zone)
            minutes = self.minutes_back(there["dest"], there["origin"])
            yield {"there": there, "to": there["origin"], "leaves": leaves, "minutes": minutes, "basis": TURNED}

    def local(self, flight):
        return flight["leaves"].astimezone(self.zones[flight["there"]["dest"]])

    def day_of(self, flight):
        """Days from the week's Monday to the flight, by the calendar where it leaves."""
        return (self.local(flight).date() - self.monday).days

    def rows(self, aircraft_for, taken):
        """
        The rows of inbound.csv. `taken` holds (weekday, carrier, number) of the flights that leave New York: a number
        means one flight a day. A flight back has the number after that of the flight there, or the next that is free.
        """
        rows, taken = [], set(taken)
        for flight in sorted(self.week(), key=lambda one: (one["leaves"], one["there"]["carrier"], int(one["there"]["flight"]))):
            there = flight["there"]
            weekday, carrier, number = self.day_of(flight) % 7 + 1, there["carrier"], int(there["flight"]) % 9999 + 1
            while (weekday, carrier, number) in taken:
                number = number % 9999 + 1
            taken.add((weekday, carrier, number))
            self.counts[f"flights back by {flight['basis']}"] += 1
            rows.append(
                {
                    "weekday": weekday,
                    "carrier": carrier,
                    "number": number,
                    "origin": there["dest"],
                    "destination": flight["to"],
                    "departs": f"{self.local(flight):%H:%M}",
                    "minutes": flight["minutes"],
                    "aircraft": aircraft_for(there)[0],
                    "distance_miles": self.times.distance(flight["to"], there["dest"]),
                    "basis": flight["basis"],
                }
            )
        return sorted(rows, key=lambda row: (row["weekday"], row["carrier"], row["number"]))


def date_of(flight):
    return datetime.date(int(flight["year"]), int(flight["month"]), int(flight["day"]))


def at(date, hhmm, zone):
    """The source writes 5:15 as 515, and midnight at the end of a day as 2400."""
    minutes = int(hhmm) // 100 * 60 + int(hhmm) % 100
    day = date + datetime.timedelta(days=minutes // 1440)
    time = datetime.time(minutes // 60 % 24, minutes % 60)
    return datetime.datetime.combine(day, time, zone).astimezone(UTC)


def rounded(instant):
    """To whole five minutes, as timetables are."""
    return instant - datetime.timedelta(minutes=instant.minute % 5, seconds=instant.second, microseconds=instant.microsecond)


def is_by_day(instant, zone):
    return FIRST_HOUR <= instant.astimezone(zone).hour <= LAST_HOUR


def next_morning(instant, zone):
    local = instant.astimezone(zone)
    morning = datetime.datetime.combine(local.date(), MORNING, zone)
    return (morning if morning > local else morning + datetime.timedelta(days=1)).astimezone(UTC)
