"""How long a flight into New York takes, from the flying times of those that leave it.

The source has departures from New York only. Nearly all of them lead west, against the prevailing wind, and the
flights back have it behind them: they are faster, by as much as the others are slowed down. That is what is worked
out here, from the median flying time of each route in the year:

    minutes = a + b * miles + c * miles * east

`east` is how far the way leads east, from -1 (due west) to 1; `c` is negative, what the wind takes off. A route's way
back leads `-east`, so it takes `2 * c * miles * east` minutes less than the way there.
"""

import math
from collections import defaultdict
from statistics import median

# With fewer flights in the year a route's median says little, so the formula's minutes are used.
FEWEST_FLIGHTS = 50


class FlyingTimes:
    """Flying times by route, from take-off to landing, in minutes."""

    def __init__(self, flights, airports):
        self.airports = airports
        times, self.miles = defaultdict(list), {}
        for flight in flights:
            route = (flight["origin"], flight["dest"])
            self.miles[route] = int(flight["distance"])
            if flight["air_time"] not in ("", "NA"):
                times[route].append(float(flight["air_time"]))
        self.medians = {route: median(found) for route, found in times.items() if len(found) >= FEWEST_FLIGHTS}
        self.weights = {route: len(found) for route, found in times.items()}
        self.a, self.b, self.c = self.fit()

    def distance(self, new_york, place):
        """In miles, as the source has it for that way or for another airport of New York's, which is as far or nearly so."""
        known = [self.miles.get((airport, place)) for airport in (new_york, "EWR", "JFK", "LGA")]
        return next(miles for miles in known if miles is not None)

    def there(self, new_york, place):
        """From New York: the route's own median, else what the formula gives."""
        miles = self.distance(new_york, place)
        return self.medians.get((new_york, place)) or self.a + self.b * miles + self.c * miles * self.east(new_york, place)

    def back(self, place, new_york):
        """To New York."""
        return self.there(new_york, place) - 2 * self.c * self.distance(new_york, place) * self.east(new_york, place)

    def east(self, origin, destination):
        """The share of the first heading of the great circle that leads east."""
        (lat1, lon1), (lat2, lon2) = self.position(origin), self.position(destination)
        sideways = math.sin(lon2 - lon1) * math.cos(lat2)
        ahead = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
        return math.sin(math.atan2(sideways, ahead))

    def position(self, iata):
        airport = self.airports[iata]
        return math.radians(float(airport["lat"])), math.radians(float(airport["lon"]))

    def fit(self):
        """Least squares over the routes, each weighted by the root of its number of flights."""
        equations = [[0.0] * 4 for _ in range(3)]
        for route in sorted(self.medians):
            miles = self.miles[route]
            terms = [1.0, miles, miles * self.east(*route), self.medians[route]]
            for row, equation in enumerate(equations):
                for column, term in enumerate(terms):
                    equation[column] += math.sqrt(self.weights[route]) * terms[row] * term
        return solve(equations)


def solve(equations):
    """Gauss and Jordan, with the largest pivot of each column."""
    size = len(equations)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(equations[row][column]))
        equations[column], equations[pivot] = equations[pivot], equations[column]
        for row in range(size):
            if row != column:
                factor = equations[row][column] / equations[column][column]
                equations[row] = [x - factor * y for x, y in zip(equations[row], equations[column])]
    return [equation[size] / equation[row] for row, equation in enumerate(equations)]
