# The image has compiled JavaScript and plain Node, but no TypeScript, development packages or embedded servers.
FROM node:22-bookworm-slim AS packages
WORKDIR /tenor
COPY package.json package-lock.json .npmrc ./

FROM packages AS build
RUN npm ci
COPY . .
RUN npm run build

FROM packages AS modules
RUN npm ci --omit=dev

FROM node:22-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /tenor
ENV NODE_ENV=production
COPY --from=modules /tenor/package.json ./package.json
COPY --from=modules /tenor/node_modules ./node_modules
COPY --from=build /tenor/LICENSE ./LICENSE
COPY --from=build /tenor/dist ./dist
USER node
CMD ["node", "dist/server.js"]
