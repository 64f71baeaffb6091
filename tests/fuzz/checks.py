"""Holds the API to its description where schemathesis can't know what is meant."""

import re

import schemathesis

# Rules that JSON Schema can't say, or not so that tools understand it. A request that fits its
# schema may be refused by one of these, and by nothing else.
BEYOND_SCHEMA = re.compile(
    "|".join(
        [
            # What two fields have to do with each other.
            r"Either flightId or slices is required, and not both\.",
            r"At least one of contactEmail, familyName, flightId and reference is required\.",
            r"An e-mail address or a phone number is required\.",
            r"[A-Z]{3} and [A-Z]{3} are the same place\.",
            # What is known outside of the request.
            r"This is not a cursor that this query returned\.",
            r"There is no airport or metropolitan area [A-Z]{3}\.",
            r"There was no year 0\.",
            # Characters, numbers and addresses by the standards of others.
            r"Control characters are not allowed\.",
            r"Invisible characters are not allowed\.",
            r"This is no phone number in E\.164, such as \+12125550142\.",
            r"This is not an e-mail address\.",
        ]
    )
)


@schemathesis.check
def nothing_valid_refused(ctx, response, case):
    """What fits the schema is not refused as invalid, but by a rule that is listed above."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code != 400:
        return
    problem = response.json()
    unlisted = [
        error
        for error in problem.get("errors", [{"detail": problem["detail"]}])
        if not BEYOND_SCHEMA.fullmatch(error["detail"])
    ]
    assert not unlisted, f"Refused although it fits the schema: {unlisted}"
