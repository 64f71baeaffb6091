#!/bin/sh
# Makes the namespace, registers what operators search bookings by, and waits until it can be used. Safe to repeat.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE tell the CLI where; TEMPORAL_RETENTION how long closed workflows are kept.
set -eu

until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
fi

# The same as in src/temporal/contracts/search-attributes.ts. A new namespace is known to every part of the server a little later.
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
  --name BookingStatus --type Keyword \
  --name BookingReference --type Keyword \
  --name FlightNumber --type Keyword \
  --name FlightNumbers --type KeywordList \
  --name RefundStatus --type Keyword \
  --name DepartureTime --type Datetime \
  --name PaymentDeadline --type Datetime \
  --name ScheduleChangeId --type Keyword; do
  sleep 1
done

# They belong to the namespace, of which every service of the server has a copy. A query is refused until the copy of the service that
# takes requests has them; every other copy is at most two seconds older (system.namespaceCacheRefreshInterval).
until temporal workflow count --namespace "$TEMPORAL_NAMESPACE" --query \
  "BookingStatus = 'none' AND BookingReference = 'none' AND FlightNumber = 'none' AND FlightNumbers = 'none' AND RefundStatus = 'none' \
AND DepartureTime < '2000-01-01T00:00:00Z' AND PaymentDeadline < '2000-01-01T00:00:00Z' AND ScheduleChangeId = 'none'" >/dev/null; do
  sleep 1
done
sleep 3
