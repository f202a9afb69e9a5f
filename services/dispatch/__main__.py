"""``python -m services.dispatch``: serve until SIGTERM."""

from services.dispatch.app import build_app
from services.dispatch.domain.deciding import SERVICE
from services.dispatch.settings import Settings
from shared.platform.logging import configure
from shared.platform.serve import serve


def main() -> None:
    """Serve dispatch."""
    settings = Settings()
    configure(SERVICE, settings.log_format)
    serve(build_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
