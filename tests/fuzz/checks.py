"""Holds the API to its description where schemathesis can't know what is meant."""

import re

import schemathesis

# Rules that JSON Schema can't say, or not so that tools understand it. A request that fits its
# schema may be refused by one of these, and by nothing else.
BEYOND_SCHEMA = [
    # What fields have to do with each other.
    r"Either flightId or slices is required, and not both\.",
    r"At least one of contactEmail, familyName, flightId and reference is required\.",
    r"An e-mail address or a phone number is required\.",
    r"A given name or a family name is required\.",
    r"[A-Z]{3} and [A-Z]{3} are the same place\.",
    r"The seat is in seats, too: send it once\.",
    r"There are several flights: say in seats on which\.",
    r"The flight is asked for twice\.",
    r"Seat \w+ is asked for twice\.",
    r"They have another seat on this flight\.",
    r"The flight is not one of (those to be booked|the booking)\.",
    r"At most \d+ (flights|seats) can be booked at once\.",
    r"At least one passenger must be an adult\.",
    r"Each infant needs an adult of their own\.",
    r"An infant has no seat\.",
    r"Something is to be paid: say by what\.",
    r"At most \d+ keys\.",
    # What is known outside of the request: the schedule, the calendar, the caller.
    r"[A-Z]{3} is no airport or metropolitan area that we fly to or from\.",
    r"The (flight|slice|connection) .*",
    r"The cabin has no seat \w+\.",
    r"(An infant|A child|An adult) is .* on the day of the last flight\.",
    r"The date of birth is after the day of the last flight\.",
    r"A date of birth is after 1900\.",
    r"There was no year 0\.",
    r"A flight (can’t|can|lands) .*",
    r"This is not a cursor that this query returned\.",
    r"The booking has no such payment\.",
    r"Only operators may add a note\.",
    # Characters, numbers and addresses by the standards of others.
    r"Control characters are not allowed\.",
    r"Invisible characters are not allowed\.",
    r"Control, invisible and direction-changing characters are not allowed\.",
    r"A name has at least one letter\.",
    r"An accent or a vowel sign belongs to a letter\.",
    r"This is no phone number in E\.164, such as \+12125550142\.",
    r"This is not an e-mail address\.",
    r"This is not a URL of the web\.",
    r"A URL with a (user name|fragment) is not allowed\.",
    # Blanks around a text don't count: one of blanks alone is empty.
    r"Too small: expected string to have >=1 characters",
]

KNOWN = re.compile("|".join(BEYOND_SCHEMA))


@schemathesis.check
def nothing_valid_refused(ctx, response, case):
    """What fits the schema is not refused as invalid, but by a rule that is listed above."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code != 400:
        return
    problem = response.json()
    faults = [error["detail"] for error in problem.get("errors", [problem])]
    unlisted = [detail for detail in faults if not KNOWN.fullmatch(detail)]
    assert not unlisted, f"Refused although it fits the schema: {unlisted}"
