# One image for the API, the worker and the command line `flights`: what runs is the command.
#   docker build -t flight-bookings .
# Debian, not Alpine: Temporal's native library needs glibc.

FROM node:26.10-trixie-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS build
# No package that the build needs has an install script to run.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY migrations ./migrations
COPY scripts ./scripts
COPY clients ./clients
COPY console ./console
RUN npm run build

FROM base AS packages
RUN npm ci --omit=dev --ignore-scripts
COPY docker/prune-packages.mjs ./
RUN node prune-packages.mjs node_modules

FROM node:26.10-trixie-slim
WORKDIR /app
ENV NODE_ENV=production \
    WORKFLOW_BUNDLE=/app/dist/workflow-bundle.js \
    DATA_DIR=/data
# The only folder that is written to, by the log files. `flights` is the command line, once it is there.
RUN mkdir /data && chown node:node /data && ln -s /app/dist/src/cli/main.js /usr/local/bin/flights
COPY package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY data ./data
# What mails are made of.
COPY templates ./templates
# What `flights gate` replays.
COPY tests/replay/histories ./tests/replay/histories

# The image's own user `node`, by number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 3000
# Both processes drain on it: the API ends requests under way, the worker its tasks.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/src/api/main.js"]
