# 1. Dependencies, with the checksums of the lock file.
FROM python:3.13-slim AS dependencies
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/base.txt /tmp/base.txt
RUN /opt/venv/bin/pip install --require-hashes --requirement /tmp/base.txt

# 2. Static files: hashed and compressed once, here, and not at each start.
FROM python:3.13-slim AS static
ENV PATH=/opt/venv/bin:$PATH STATIC_ROOT=/srv/static TAPERWATCH_LOCAL_DIR=/tmp/local
WORKDIR /srv/taperwatch
COPY --from=dependencies /opt/venv /opt/venv
COPY manage.py ./
COPY apps ./apps
COPY templates ./templates
COPY locale ./locale
COPY static ./static
# Without a DATABASE_URL the settings make a key of their own; it stays in this stage.
RUN python manage.py collectstatic --noinput && python -m compileall -q apps

# 3. What runs: an unprivileged user that may write nowhere but /tmp.
FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/srv/static \
    TAPERWATCH_LOCAL_DIR=/tmp/taperwatch \
    PORT=8000
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin taperwatch
WORKDIR /srv/taperwatch
COPY --from=dependencies /opt/venv /opt/venv
COPY --from=static /srv/static /srv/static
COPY --from=static /srv/taperwatch ./
COPY LICENSE ./
USER taperwatch
EXPOSE 8000
STOPSIGNAL SIGTERM
# For the web server. Worker, watch and beat have checks of their own in docker-compose.yml.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "apps.core.probe", "web"]
CMD ["granian", "--interface", "wsgi", "apps.config.wsgi:application", \
     "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", \
     "--respawn-failed-workers", "--no-ws"]
