#!/bin/sh
# Makes the secrets that docker-compose.yml reads, each in a file of its own, and leaves those alone that are there. Safe to repeat.
#   sh docker/secrets.sh [folder]
# Put your own into the files where you have some: a database's URL, Stripe's keys, a mail server's. An empty file counts as not set.
set -eu

folder=${1:-secrets}
# Who runs Docker may enter; the containers' users, who have no right to the folder, get each file by itself.
mkdir -p "$folder" && chmod 700 "$folder"

keep() {
  if [ -e "$folder/$1" ]; then return; fi
  printf '%s' "$2" >"$folder/$1"
  chmod 444 "$folder/$1"
  echo "Made $folder/$1"
}

keep postgres_password "$(openssl rand -hex 24)"
keep temporal_postgres_password "$(openssl rand -hex 24)"
keep database_url "postgresql://flight_bookings:$(cat "$folder/postgres_password")@postgres:5432/flight_bookings"
for user in api worker sandbox; do
  keep "${user}_database_url" "postgresql://$user:$(openssl rand -hex 24)@postgres:5432/flight_bookings"
done
keep payload_encryption_keys "k1:$(openssl rand -base64 32)"
keep auth_jwt_secret "$(openssl rand -hex 32)"
keep payment_events_secret "whsec_$(openssl rand -base64 32)"
keep stripe_secret_key ''
keep stripe_webhook_secret ''
keep smtp_url ''
