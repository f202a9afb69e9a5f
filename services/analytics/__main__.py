"""``python -m services.analytics``: serve until SIGTERM."""

from services.analytics.app import build_app
from services.analytics.domain.projecting import SERVICE
from services.analytics.settings import Settings
from shared.platform.logging import configure
from shared.platform.serve import serve


def main() -> None:
    """Serve analytics."""
    settings = Settings()
    configure(SERVICE, settings.log_format)
    serve(build_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
