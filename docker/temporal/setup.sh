#!/bin/sh
# Makes the namespace and registers what operators search bookings by. Safe to repeat.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE tell the CLI where; TEMPORAL_RETENTION how long closed workflows are kept.
set -eu

until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
fi

# The same as in src/temporal/search-attributes.ts. A new namespace is known to every part of the server a little later.
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
  --name BookingStatus --type Keyword \
  --name BookingReference --type Keyword \
  --name FlightNumber --type Keyword \
  --name RefundStatus --type Keyword \
  --name DepartureTime --type Datetime \
  --name PaymentDeadline --type Datetime; do
  sleep 1
done
