# One image for the API and the worker: the built output and the packages these two need, nothing else.
# `node scripts/try-image.mjs` carries out these same instructions in an empty folder, without a container engine.

FROM node:20-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY libs/sql-deploy/package.json libs/sql-deploy/
COPY libs/control-plane/package.json libs/control-plane/
COPY apps/api/package.json apps/api/
COPY apps/worker/package.json apps/worker/
COPY apps/cli/package.json apps/cli/
COPY apps/dashboard/package.json apps/dashboard/
COPY apps/standalone/package.json apps/standalone/

# What is compiled with: every package, but no scripts of theirs (one would fetch a Postgres).
FROM packages AS build
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY libs ./libs
COPY apps/api ./apps/api
COPY apps/worker ./apps/worker
COPY apps/dashboard ./apps/dashboard
RUN node node_modules/typescript/bin/tsc -b apps/api apps/worker
RUN node node_modules/vite/bin/vite.js build apps/dashboard
RUN find libs apps -name "*.tsbuildinfo" -delete

# What is run with: the packages of these two alone.
FROM packages AS runtime-packages
RUN npm ci --omit=dev --ignore-scripts --workspace=@postgres-manager/api --workspace=@postgres-manager/worker
# A package of the queue's page gets along without the compiler, and npm brings it all the same: 31 MB.
RUN rm -rf node_modules/typescript node_modules/@typescript node_modules/.bin/tsc

FROM node:20-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=runtime-packages /app/package.json ./
COPY --from=runtime-packages /app/node_modules ./node_modules
COPY --from=build /app/libs/sql-deploy/package.json ./libs/sql-deploy/
COPY --from=build /app/libs/sql-deploy/dist ./libs/sql-deploy/dist
COPY --from=build /app/libs/control-plane/package.json ./libs/control-plane/
COPY --from=build /app/libs/control-plane/dist ./libs/control-plane/dist
COPY --from=build /app/libs/control-plane/schema ./libs/control-plane/schema
COPY --from=build /app/apps/api/package.json ./apps/api/
COPY --from=build /app/apps/api/bin ./apps/api/bin
COPY --from=build /app/apps/api/dist ./apps/api/dist
COPY --from=build /app/apps/dashboard/dist/page ./apps/dashboard/dist/page
COPY --from=build /app/apps/worker/package.json ./apps/worker/
COPY --from=build /app/apps/worker/bin ./apps/worker/bin
COPY --from=build /app/apps/worker/dist ./apps/worker/dist
# The image's own user, who may write nowhere in /app.
USER node
EXPOSE 3000
# The worker: node apps/worker/bin/postgres-manager-worker.js
CMD ["node", "apps/api/bin/postgres-manager-api.js"]
