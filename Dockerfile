# One image, many commands: `reelgraph serve <part>` for each subgraph, the router, the worker, the migrations.
# Settings come from the environment only (docs/configuration.md).

FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/reelgraph
WORKDIR /source
# The dependencies change less often than the code: a layer of their own.
COPY pyproject.toml uv.lock README.md ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev --extra media --no-install-project
COPY . .
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev --extra media --no-editable

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /srv/reelgraph --create-home reelgraph \
    && mkdir -p /srv/reelgraph/objects /srv/reelgraph/keys \
    && chown reelgraph /srv/reelgraph/objects /srv/reelgraph/keys
COPY --from=build /opt/reelgraph /opt/reelgraph
ENV PATH=/opt/reelgraph/bin:$PATH PYTHONUNBUFFERED=1 OBJECTS_DIR=/srv/reelgraph/objects
USER reelgraph
WORKDIR /srv/reelgraph
EXPOSE 8000
ENTRYPOINT ["reelgraph", "serve", "--host", "0.0.0.0"]
CMD ["platform"]
