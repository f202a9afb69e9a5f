"""``python -m services.escalation``: serve until SIGTERM."""

from services.escalation.app import build_app
from services.escalation.domain.deciding import SERVICE
from services.escalation.settings import Settings
from shared.platform.logging import configure
from shared.platform.serve import serve


def main() -> None:
    """Serve escalation."""
    settings = Settings()
    configure(SERVICE, settings.log_format)
    serve(build_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
