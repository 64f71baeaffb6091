#!/bin/sh
# Makes a build of the workers the current one: what begins from now on runs there, and what is under way moves there with its next task. Safe to repeat.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE tell the CLI where; WORKER_DEPLOYMENT_NAME and WORKER_BUILD_ID which.
set -eu

# Its workers are just starting: Temporal knows the build when the first one asks for work.
tries=120
until temporal worker deployment set-current-version --namespace "$TEMPORAL_NAMESPACE" \
  --deployment-name "$WORKER_DEPLOYMENT_NAME" --build-id "$WORKER_BUILD_ID" --yes; do
  tries=$((tries - 1))
  if [ "$tries" -eq 0 ]; then exit 1; fi
  sleep 1
done
